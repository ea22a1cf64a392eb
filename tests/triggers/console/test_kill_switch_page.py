"""The kill switch in the console: who may engage and release it, and what the page says."""

from pathlib import Path

from tests.triggers.console.seen import NAME, fields, looking, stage
from tests.triggers.console.test_pages import get
from triggers.console.access import ConsoleRole


async def test_an_operator_engages_it_and_an_administrator_releases_it(tmp_path: Path) -> None:
    """With a reason, which everybody reads; the overview and the page lead to it."""
    at = stage(tmp_path)
    async with looking(at, ConsoleRole.OPERATOR) as http:
        form = {**fields(await get(http, "/kill-switch"), "Engage the kill switch"), "scope": NAME}
        without = await http.post("/kill-switch/engage", data={**form, "reason": " "})
        assert (without.status_code, at.engaged) == (422, {})
        on = await http.post("/kill-switch/engage", data={**form, "reason": "repairs"})
        assert (on.status_code, f"engaged: the kill switch of {NAME}" in on.text) == (200, True)
        assert "ada" in on.text
        assert "repairs" in on.text
        twice = await http.post("/kill-switch/engage", data={**form, "reason": "again"})
        assert "is engaged already" in twice.text
        assert "Releasing it is not for you: ada is operator here, and this needs admin." in twice.text
        assert (await http.post("/kill-switch/release", data=form)).status_code == 403
        assert f"The kill switch of {NAME} is engaged</strong> by ada" in await get(http, "/")
    async with looking(at) as http:
        form = fields(await get(http, "/kill-switch"), "Release: what waits goes on")
        assert form["scope"] == NAME
        at.works = False
        waits = await http.post("/kill-switch/release", data=form)
        assert (waits.status_code, "as soon as a worker runs" in waits.text) == (503, True)
        at.works = True
        off = await http.post("/kill-switch/release", data={**form, "reason": "done"})
        assert (off.status_code, f"released: the kill switch of {NAME}." in off.text) == (200, True)
        assert (await http.post("/kill-switch/release", data=form)).status_code == 404
    assert [(one.by, one.proof, one.reason) for one in at.released][-1] == ("ada", "oidc u-1", "done")


async def test_a_runbook_that_is_not_there_is_not_stopped(tmp_path: Path) -> None:
    """A misspelt name would stop nothing, and look as if it did; a viewer only looks."""
    at = stage(tmp_path)
    async with looking(at) as http:
        token = {"X-CSRF-Token": fields(await get(http, "/kill-switch"), "Engage the")["csrf"]}
        wish = {"scope": "llm-platfrom", "reason": "repairs"}
        wrong = await http.post("/api/v1/kill-switches/engage", json=wish, headers=token)
        assert (wrong.status_code, at.engaged) == (404, {})
        on = await http.post("/api/v1/kill-switches/engage", json={"reason": "repairs"}, headers=token)
        assert (on.status_code, on.json()["engaged"][0]["scope"]) == (200, "")
        assert len((await http.get("/api/v1/kill-switches")).json()) == 1
    async with looking(at, ConsoleRole.VIEWER) as http:
        assert "Not for you: ada is viewer here, and this needs operator." in await get(http, "/kill-switch")
        assert (await http.post("/kill-switch/engage", data={"reason": "x"})).status_code == 403
