"""The console before a real run: started, followed and decided from a browser, with `evac serve`."""

from runbooks.runs import Phase
from tests.triggers.conftest import Door
from tests.triggers.console.seen import fields
from tests.triggers.console.serving import page, serving

APPROVED = {"failover": {"approval": {"by": ["local"], "count": 1, "timeout": "5m", "allow_self": True}}}


async def test_a_failover_is_started_followed_and_approved_in_the_browser(door: Door) -> None:
    """The form starts it, the stream brings each change and ends with the run; the run judges what was said."""
    door.file(policy=APPROVED)
    async with serving(door) as http:
        offer = fields(await page(http, f"/runbooks/{door.name}"), "Start failover")
        asked = {**offer, "source": "us-east-1", "typed": door.name, "reason": "the region is gone"}
        begun = await http.post(f"/runbooks/{door.name}/start", data=asked)
        assert (begun.status_code, "started: failover of" in begun.text) == (202, True), begun.text
        await door.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
        assert "1 more approval by local" in await page(http, "/")
        form = fields(await page(http, f"/runs/{door.name}"), "Approve plan")
        heard: list[str] = []
        async with http.stream("GET", f"/runs/{door.name}/events") as stream:
            kinds = (line.removeprefix("event: ") async for line in stream.aiter_lines() if line.startswith("event: "))
            heard.append(await anext(kinds))
            said = await http.post(f"/runs/{door.name}/decisions", data={**form, "typed": door.name})
            assert (said.status_code, "approve by local counts" in said.text) == (200, True), said.text
            heard += [kind async for kind in kinds]
        assert (heard[0], heard[-1]) == ("state", "over")
        state = (await http.get(f"/api/v1/runs/{door.name}")).json()
        decision = state["decisions"][0]["decision"]
        assert (state["outcome"], decision["by"]) == ("recovered", "local")
        assert decision["proof"].startswith("not proved")
        late = await http.post(f"/runs/{door.name}/decisions", data={**form, "typed": door.name})
        assert (late.status_code, "What helps" in late.text) == (409, True)
