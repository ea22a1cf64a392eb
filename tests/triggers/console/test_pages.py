"""The pages as a browser gets them, of runs as values."""

import json
from pathlib import Path

import httpx
import pytest

from runbooks.readiness import Finding, Grade, ReadinessState, Topic, report
from runbooks.runs import RunEvent, RunState, Trigger
from tests.audit.bundles import bundle
from tests.triggers import samples
from tests.triggers.console.seen import NAME, fields, looking, stage
from triggers.console.access import ConsoleRole
from triggers.console.page import STATIC

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


async def get(http: httpx.AsyncClient, path: str) -> str:
    """The page."""
    got = await http.get(path)
    assert got.status_code == 200, got.text
    return got.text


async def test_every_answer_lets_the_browser_load_nothing_but_our_own_files(tmp_path: Path) -> None:
    """The policy is on pages, faults, files and the API; no page has a script, a style or a handler in it."""
    bundle(tmp_path / "records")
    at = stage(tmp_path, samples.waiting_run())
    async with looking(at) as http:
        name = (await http.get("/api/v1/records")).json()[0]["name"]
        paths = [
            "/",
            "/readiness",
            "/records",
            f"/records/{name}",
            f"/runs/{NAME}",
            f"/runbooks/{NAME}",
            "/records/nope",
        ]
        paths += [f"/records/{name}/diff/{name}", f"/records/{name}/download", *(f"/static/{one}" for one in STATIC)]
        for path in [*paths, "/api/v1/runbooks", "/api/openapi.json"]:
            got = await http.get(path)
            policy = got.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'"), path
            assert "unsafe" not in policy
            if "html" in got.headers["content-type"]:
                assert " style=" not in got.text, path
                assert "<style" not in got.text, path
                assert " onclick" not in got.text, path
                assert got.text.count("<script") == 1 + got.text.count('<script type="application/json">'), path
                assert "http://" not in got.text.replace("http://127", ""), path


async def test_an_address_that_nothing_answers_is_said_to_be_one(tmp_path: Path) -> None:
    """A browser gets a page with a way back, a program an error of the same shape as every other."""
    async with looking(stage(tmp_path)) as http:
        page = await http.get("/runbook/llm", headers={"Accept": "text/html"})
        told = await http.get("/api/v1/nothing")
        wrong = await http.post("/api/openapi.json")
    assert (page.status_code, "nothing is at this address" in page.text) == (404, True)
    assert 'href="/"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert (told.status_code, told.json()["error"]) == (404, "nothing is at this address")
    assert told.json()["what_next"]
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")


async def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    """What failing systems and people say is never markup, in the page, the pictures or the scrubber's data."""
    trigger = Trigger(id="1", kind="person", by=HOSTILE, at=samples.NOON, reason=HOSTILE)
    state = samples.waiting_run().model_copy(
        update={"triggers": (trigger,), "events": (RunEvent(at=1.0, text=HOSTILE),)}
    )
    step = state.steps[0].model_copy(update={"error": HOSTILE})
    state = state.model_copy(update={"steps": (step, *state.steps[1:]), "message": HOSTILE})
    ended = samples.recovered_run().model_copy(update={"events": (RunEvent(at=1.0, text=HOSTILE),), "message": HOSTILE})
    bundle(tmp_path / "records", **{name: getattr(ended, name) for name in ("events", "message")})
    async with looking(stage(tmp_path, state), name=HOSTILE) as http:
        record = (await http.get("/api/v1/records")).json()[0]["name"]
        for path in (
            "/",
            f"/runs/{NAME}",
            f"/records/{record}",
            f"/records?region={HOSTILE}",
            f"/records/{HOSTILE[:20]}",
        ):
            text = (await http.get(path)).text
            assert "<script>alert" not in text, path
            assert "<img" not in text, path


async def test_the_page_of_a_run_says_what_the_screen_says(tmp_path: Path) -> None:
    """Who is awaited until when, the loss, the budget, the pictures and the story."""
    async with looking(stage(tmp_path, samples.approving_run())) as http:
        text = await get(http, f"/runs/{NAME}")
    assert "AWAITING APPROVAL" in text
    assert "1 more approval by sre-ai (given by ben); it goes on unless vetoed" in text
    assert "vector-db: up to the last 0.4 s of writes" in text
    assert 'class="budget"' in text
    assert 'class="graph"' in text
    assert 'class="gantt"' in text
    assert "us-east-1 is down as seen from 2 vantage points" in text
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in text


async def test_approving_needs_the_role_and_the_typed_name(tmp_path: Path) -> None:
    """The decision has the plan, the loss that was shown, and who said it by which proof; the same form counts once."""
    at = stage(tmp_path, samples.approving_run())
    async with looking(at) as http:
        form = fields(await get(http, f"/runs/{NAME}"), "Approve plan")
        wrong = await http.post(f"/runs/{NAME}/decisions", data={**form, "typed": "llm"})
        assert (wrong.status_code, at.heard) == (422, [])
        assert f"nothing was sent: type {NAME} to confirm that you mean it" in wrong.text
        for _ in range(2):
            right = await http.post(f"/runs/{NAME}/decisions", data={**form, "typed": NAME, "reason": "go"})
            assert (right.status_code, "approve by ada counts" in right.text) == (200, True)
    first, second = at.heard
    assert first.id == second.id
    assert (first.by, first.proof, first.groups, first.reason) == ("ada", "oidc u-1", ("oidc-group:sre",), "go")
    assert at.state is not None
    assert first.checksum == at.state.checksum
    assert first.shown is not None
    assert [loss.seconds for loss in first.shown.loss] == [0.4]


async def test_an_operator_may_hold_but_not_approve(tmp_path: Path) -> None:
    """The form says why not; a form that was made by hand is turned away, too."""
    at = stage(tmp_path, samples.approving_run())
    async with looking(at, ConsoleRole.OPERATOR) as http:
        text = await get(http, f"/runs/{NAME}")
        assert "Not for you: ada is operator here, and this needs approver." in text
        form = fields(text, ">Hold<")
        by_hand = await http.post(f"/runs/{NAME}/decisions", data={**form, "kind": "approve", "typed": NAME})
        assert (by_hand.status_code, at.heard) == (403, [])
        assert (await http.post(f"/runs/{NAME}/decisions", data=form)).status_code == 200
    assert [one.kind.value for one in at.heard] == ["hold"]
    async with looking(at, ConsoleRole.VIEWER) as http:
        assert (await http.post(f"/runs/{NAME}/decisions", data=form)).status_code == 403


async def test_a_refused_decision_says_so(tmp_path: Path) -> None:
    """The run's own sentence."""
    at = stage(tmp_path, samples.waiting_run())
    at.refuses = "ada is not one of sre-ai"
    async with looking(at) as http:
        form = fields(await get(http, f"/runs/{NAME}"), "Accept unproved-fence:vector-db")
        got = await http.post(f"/runs/{NAME}/decisions", data={**form, "typed": NAME})
    assert (got.status_code, at.heard[0].reason) == (409, "unproved-fence:vector-db")
    assert "the run refused your accept: ada is not one of sre-ai" in got.text


@pytest.mark.parametrize(
    "state",
    [
        samples.run(plan=None),
        samples.refusing_run(),
        samples.moved_run(),
        samples.taken_back_run(),
        samples.recovered_run(),
    ],
)
async def test_every_moment_of_a_run_has_a_page(tmp_path: Path, state: RunState) -> None:
    """Also without a plan, refused, waiting to be confirmed, taken back, and over."""
    async with looking(stage(tmp_path, state)) as http:
        text = await get(http, f"/runs/{NAME}")
    assert ("What you can say" in text) == (state.ended_at is None)


async def test_the_overview_shows_who_is_awaited_and_what_is_overdue(tmp_path: Path) -> None:
    """And the readiness board the findings, the worst first."""
    at = stage(tmp_path, samples.approving_run())
    found = [
        Finding(topic=Topic.LAG, grade=Grade.OK, sentence="the lag is small", proven_at=samples.NOON),
        Finding(topic=Topic.BACKUPS, grade=Grade.BAD, sentence="no backup is known"),
    ]
    made = report(NAME, "0" * 64, samples.NOON, found)
    at.report = ReadinessState(runbook=NAME, run="r", started_at=samples.NOON, report=made, ended=True)
    async with looking(at) as http:
        text, board = await get(http, "/"), await get(http, "/readiness")
    assert "no drill has passed<br>overdue" in text
    assert "1 more approval by sre-ai" in text
    assert "NOT READY" in text
    assert board.index("no backup is known") < board.index("the lag is small")


async def test_no_run_is_a_sentence(tmp_path: Path) -> None:
    """And what helps."""
    async with looking(stage(tmp_path)) as http:
        got = await http.get(f"/runs/{NAME}")
        assert (got.status_code, f"there is no run of {NAME}" in got.text) == (404, True)
        assert (await http.get(f"/api/v1/runs/{NAME}")).json() == {
            "error": f"there is no run of {NAME}",
            "what_next": "look at the overview for what there is",
        }


async def test_a_past_run_has_its_proof_and_its_seconds(tmp_path: Path) -> None:
    """Verified, with the scrubber's data; the tar proves itself; one changed byte is said aloud."""
    folder = bundle(tmp_path / "records")
    async with looking(stage(tmp_path)) as http:
        text = await get(http, f"/records/{folder.name}")
        assert "This record is intact" in text
        data = json.loads(text.partition('<script type="application/json">')[2].partition("</script>")[0])
        state = (await http.get(f"/api/v1/records/{folder.name}")).json()["state"]
        assert [step["id"] for step in data["steps"]] == [step["id"] for step in state["steps"]]
        last = {step["id"]: step["states"][-1]["status"] for step in data["steps"]}
        assert last == {step["id"]: step["status"] for step in state["steps"]}
        assert data["length"] > 0
        tar = await http.get(f"/records/{folder.name}/download")
        assert tar.content[:2] == b"\x1f\x8b"
        (folder / "state.json").write_bytes((folder / "state.json").read_bytes() + b" ")
        assert "NOT as it was written" in await get(http, f"/records/{folder.name}")
        assert (await http.get(f"/api/v1/records/{folder.name}/verify")).json()["intact"] is False


async def test_records_are_found_by_filters(tmp_path: Path) -> None:
    """By runbook, outcome, kind and day; a day that is none is said."""
    folder = bundle(tmp_path / "records")
    async with looking(stage(tmp_path)) as http:
        one = (await http.get("/api/v1/records")).json()[0]
        for query, count in (
            (f"runbook={one['subject']}", 1),
            ("runbook=other", 0),
            (f"outcome={one['outcome']}&kind=real", 1),
            ("kind=drill", 0),
            ("since=2020-01-01", 1),
            ("until=2020-01-01", 0),
        ):
            assert (folder.name in await get(http, f"/records?{query}")) == bool(count), query
            assert len((await http.get(f"/api/v1/records?{query}")).json()) == count, query
        assert (await http.get("/records?since=soon")).status_code == 422
        assert "'soon' is no day" in (await http.get("/api/v1/records?since=soon")).json()["error"]


async def test_two_runs_side_by_side(tmp_path: Path) -> None:
    """The form leads to the comparison; what differs is marked by more than a colour."""
    first = bundle(tmp_path / "records")
    second = bundle(tmp_path / "records", run="0198a7c2-2222-7abc-8def-000000000000", target="eu-west-1")
    async with looking(stage(tmp_path)) as http:
        led = await http.get("/diff", params={"one": first.name, "other": second.name})
        assert led.headers["location"] == f"/records/{first.name}/diff/{second.name}"
        text = await get(http, led.headers["location"])
    assert "recovery" in text
    assert "lines differ" in text


async def test_an_address_is_never_a_path(tmp_path: Path) -> None:
    """Only names of records are records."""
    (tmp_path / "secret.tar").write_text("secret")
    bundle(tmp_path / "records")
    async with looking(stage(tmp_path)) as http:
        for name in ("..%2fsecret.tar", "secret.tar", "%2Fetc%2Fpasswd"):
            assert (await http.get(f"/records/{name}")).status_code == 404, name
        assert (await http.get("/static/..%2fpage.py")).status_code == 404


async def test_while_temporal_is_away_the_past_is_there(tmp_path: Path) -> None:
    """The overview says that nothing is known of now, and never that nothing goes on."""
    bundle(tmp_path / "records")
    at = stage(tmp_path)
    at.away = True
    async with looking(at) as http:
        text = await get(http, "/")
        assert "What goes on now cannot be told: Temporal does not answer" in text
        assert "not known</span>" in text
        assert "1 record<" in await get(http, "/records")
