"""The REST API: what programs get, and what they are told when it does not work."""

from pathlib import Path

from tests.triggers import samples
from tests.triggers.console.seen import NAME, fields, looking, stage
from triggers.console.access import ConsoleRole


async def test_a_decision_is_answered_with_its_judgement(tmp_path: Path) -> None:
    """200 when it counts, 409 with the run's own reason when not; the same id counts once."""
    at = stage(tmp_path, samples.approving_run())
    assert at.state is not None
    document = {"kind": "approve", "checksum": at.state.checksum, "id": "1"}
    async with looking(at) as http:
        token = {"X-CSRF-Token": fields((await http.get(f"/runs/{NAME}")).text, "Approve plan")["csrf"]}
        said = await http.post(f"/api/v1/runs/{NAME}/decisions", json=document, headers=token)
        assert (said.status_code, said.json()["counts"], said.json()["refused"]) == (200, True, None)
        at.refuses = "the plan has changed"
        again = await http.post(f"/api/v1/runs/{NAME}/decisions", json=document, headers=token)
        assert (again.status_code, again.json()["refused"]) == (409, "the plan has changed")
        assert at.heard[0].id == at.heard[1].id
        without = await http.post(f"/api/v1/runs/{NAME}/decisions", json={"kind": "skip"}, headers=token)
        assert (without.status_code, without.json()["error"]) == (422, "give a reason: a skip is kept with it")


async def test_what_is_wrong_is_said_with_what_helps(tmp_path: Path) -> None:
    """Never a stack trace: a word, a region, a runbook that is none, and a role that is missing."""
    at = stage(tmp_path, samples.approving_run())
    async with looking(at) as http:
        token = {"X-CSRF-Token": fields((await http.get(f"/runs/{NAME}")).text, "Approve plan")["csrf"]}
        for path, document, status, said in (
            (f"runs/{NAME}/decisions", {"kind": "yes"}, 422, "kind: Input should be"),
            (f"runs/{NAME}", {"procedure": "failover", "source": "mars"}, 422, f"{NAME} has no region mars"),
            (f"runs/{NAME}", {"procedure": "failover"}, 422, f"say which region of {NAME} is left"),
            ("runs/other", {"procedure": "readiness"}, 404, "this server has no runbook other"),
            (f"runs/{NAME}", {"procedure": "readiness"}, 503, "Temporal was not reached yet"),
        ):
            got = await http.post(f"/api/v1/{path}", json=document, headers=token)
            assert (got.status_code, said in got.json()["error"], "what_next" in got.json()) == (status, True, True)
    async with looking(at, ConsoleRole.OPERATOR) as http:
        token = {"X-CSRF-Token": fields((await http.get(f"/runs/{NAME}")).text, ">Hold<")["csrf"]}
        wish = {"procedure": "failover", "source": "us-east-1"}
        got = await http.post(f"/api/v1/runs/{NAME}", json=wish, headers=token)
        assert (got.status_code, got.json()["error"]) == (403, "ada is operator here, and this needs admin.")
    assert at.heard == []


async def test_the_description_names_every_operation(tmp_path: Path) -> None:
    """OpenAPI, with the shape of a refusal; pages are not in it."""
    async with looking(stage(tmp_path)) as http:
        described = (await http.get("/api/openapi.json")).json()
    assert all(path.startswith("/api/v1/") for path in described["paths"])
    assert set(described["paths"]["/api/v1/runs/{name}"]) == {"get", "post"}
    refused = described["paths"]["/api/v1/records/{record}"]["get"]["responses"]["404"]
    assert refused["content"]["application/json"]["schema"]["$ref"].endswith("/Refused")
