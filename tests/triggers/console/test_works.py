"""The pages of drills, readiness reports, restore tests and evacuations, of states as values."""

import time
from pathlib import Path

import httpx
import pytest

from runbooks.alerts import AlertsState, Standing
from runbooks.drills import DrillState
from runbooks.evacuation import EvacuateState, Fate
from runbooks.objection import WatchDecision
from runbooks.runs import RunEvent
from runbooks.values import Model
from tests.triggers import composite_samples, samples
from tests.triggers.console.seen import NAME, Stage, fields, looking, stage
from tests.triggers.console.test_pages import HOSTILE, get
from tests.triggers.test_alerts_show import alert
from triggers.console.access import ConsoleRole

REGION = "us-east-1"
DRILL, EVACUATION = f"evac/{NAME}/drill", f"evac/evacuate/{REGION}"
PAGES = {
    DRILL: (f"/runbooks/{NAME}/drill", composite_samples.soaking_drill()),
    f"evac/{NAME}/readiness": (f"/runbooks/{NAME}/readiness", composite_samples.readiness()),
    f"evac/{NAME}/restore-test": (f"/runbooks/{NAME}/restore-test", composite_samples.restore_test()),
    EVACUATION: (f"/evacuations/{REGION}", composite_samples.evacuation()),
}


def seeing(home: Path, **made: Model) -> Stage:
    """A console that sees all of them, or these instead."""
    at = stage(home)
    at.made = {name: state for name, (_, state) in PAGES.items()} | made
    return at


async def post(http: httpx.AsyncClient, page: str, text: str, **more: str) -> httpx.Response:
    """Send that form of the page."""
    return await http.post(f"{page}/words", data={**fields(await get(http, page), text), **more})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (DRILL, ("SOAK", "way out", "switchover completed, 4.2 s from the request to verified", "8 rounds of checks")),
        (f"evac/{NAME}/readiness", ("NOT READY", "No worker listens for eu-west-1", "/records/r")),
        (f"evac/{NAME}/restore-test", ("FAILED", "not proved", "queue: the backup is 3 d old", "3 d would be lost")),
        (EVACUATION, ("WAITING FOR PERSON", "somebody who says go on, or stop", "1 of 4 out, 1 going", "bob aborted")),
    ],
)
async def test_each_page_says_what_the_status_says(tmp_path: Path, name: str, said: tuple[str, ...]) -> None:
    """Where it is, its rows, and who is awaited; one that never was is a sentence."""
    page, _ = PAGES[name]
    at = seeing(tmp_path)
    async with looking(at) as http:
        text = await get(http, page)
        assert [one for one in said if one not in text] == []
        at.made.clear()
        missing = await http.get(page)
    assert (missing.status_code, f"there is no {name}" in missing.text) == (404, True)


async def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    """In every row, message and story."""
    events = (RunEvent(at=1.0, text=HOSTILE),)
    books = tuple(
        book.model_copy(update={"sentence": HOSTILE, "name": HOSTILE}) for book in composite_samples.evacuation().books
    )
    made: dict[str, Model] = {
        name: state.model_copy(update={"message": HOSTILE, "events": events}) for name, (_, state) in PAGES.items()
    }
    made[EVACUATION] = made[EVACUATION].model_copy(update={"books": books})
    async with looking(seeing(tmp_path, **made), name=HOSTILE) as http:
        for page, _ in (*PAGES.values(), ("/", None), ("/evacuations", None)):
            text = await get(http, page)
            assert ("<script>alert" in text, "<img" in text, " style=" in text) == (False, False, False), page


async def test_the_overview_leads_to_what_goes_on(tmp_path: Path) -> None:
    """The drill in its runbook's row, the evacuation beside, with who is awaited."""
    async with looking(seeing(tmp_path)) as http:
        text = await get(http, "/")
    assert f'<a href="/runbooks/{NAME}/drill">drill</a>' in text
    assert f'<a href="/evacuations/{REGION}">evacuation</a>' in text
    assert "<strong>Awaited:</strong> somebody who says go on, or stop" in text


async def test_the_overview_shows_what_fires(tmp_path: Path) -> None:
    """With what was decided of it last; such a text is never markup."""
    at = stage(tmp_path)
    decision = WatchDecision(at=1.0, region=REGION, action="vetoed", reasons=(HOSTILE, "nobody answered"))
    standing = Standing(alert=alert("firing"), since=1.0, heard_at=1.0)
    at.firing = AlertsState(runbook=NAME, standing=(standing,), decisions=(decision,))
    async with looking(at) as http:
        text = await get(http, "/")
    assert f"<strong>1 ALERT FIRING</strong> alerts of {NAME}" in text
    assert ("nobody answered" in text, "<img" in text) == (True, False)


async def test_the_run_of_a_drill_is_shown_beside_its_leg(tmp_path: Path) -> None:
    """Who is awaited by it, and the way there."""
    going = composite_samples.leg(outcome=None, recovery=None, without_writes=None)
    at = seeing(tmp_path, **{DRILL: composite_samples.soaking_drill().model_copy(update={"legs": (going,)})})
    at.state = samples.approving_run()
    async with looking(at) as http:
        text = await get(http, f"/runbooks/{NAME}/drill")
    assert f'<a href="/runs/{NAME}">way out</a>' in text
    assert "Its run is AWAITING APPROVAL: it awaits 1 more approval by sre-ai" in text


async def test_a_drill_is_aborted_by_whoever_types_its_name(tmp_path: Path) -> None:
    """The word goes to the drill itself, as the visitor's; a viewer sends none, and its refusal is said."""
    at, page = seeing(tmp_path), f"/runbooks/{NAME}/drill"
    async with looking(at, ConsoleRole.OPERATOR) as http:
        slip = await post(http, page, "Abort the drill", reason="enough", typed="llm")
        assert (slip.status_code, at.heard) == (422, [])
        said = await post(http, page, "Abort the drill", reason="enough", typed=NAME)
        assert (said.status_code, "abort by ada counts" in said.text) == (200, True)
        at.refuses = "it is being aborted already"
        again = await post(http, page, "Abort the drill", reason="enough", typed=NAME)
        assert (again.status_code, "it is being aborted already" in again.text) == (409, True)
    assert [(one.kind.value, one.by, one.reason) for one in at.heard] == [("abort", "ada", "enough")] * 2
    async with looking(at, ConsoleRole.VIEWER) as http:
        assert "Not for you: ada is viewer here" in await get(http, page)
        assert (await http.post(f"{page}/words", data={"kind": "abort", "typed": NAME})).status_code == 403


async def test_going_on_needs_an_approver_and_stopping_an_operator(tmp_path: Path) -> None:
    """Both need the region's name; the same form counts once."""
    at, page = seeing(tmp_path), f"/evacuations/{REGION}"
    async with looking(at, ConsoleRole.OPERATOR) as http:
        assert "Not for you: ada is operator here, and this needs approver." in await get(http, page)
        by_hand = await post(http, page, "Stop the evacuation", kind="go-on", typed=REGION)
        assert (by_hand.status_code, at.words) == (403, [])
        assert (await post(http, page, "Stop the evacuation", typed=REGION)).status_code == 422
        stopped = await post(http, page, "Stop the evacuation", typed=REGION, reason="too many")
        assert (stopped.status_code, "has heard stop from ada" in stopped.text) == (200, True)
    async with looking(at, ConsoleRole.APPROVER) as http:
        form = {**fields(await get(http, page), "Go on with"), "typed": REGION}
        for _ in range(2):
            assert (await http.post(f"{page}/words", data=form)).status_code == 200
    assert [(word, one.by, one.proof) for word, one in at.words] == [
        ("stop", "ada", "oidc u-1"),
        ("go-on", "ada", "oidc u-1"),
        ("go-on", "ada", "oidc u-1"),
    ]
    assert at.words[1][1].id == at.words[2][1].id


async def test_what_cannot_be_meant_starts_no_evacuation(tmp_path: Path) -> None:
    """Who may not, a name that was not typed, a region that no runbook has; and the order is shown before."""
    at = stage(tmp_path)
    async with looking(at, ConsoleRole.APPROVER) as http:
        assert "Starting it is not for you: ada is approver here, and this needs admin." in await get(
            http, "/evacuations"
        )
        assert (await http.post(f"/evacuations/{REGION}/start", data={"typed": REGION})).status_code == 403
    async with looking(at) as http:
        form = fields(await get(http, "/evacuations"), f"Evacuate {REGION}</button>")
        slip = await http.post(f"/evacuations/{REGION}/start", data={**form, "typed": "us"})
        assert (slip.status_code, f"type {REGION} to confirm" in slip.text) == (422, True)
        wrong = await http.post("/evacuations/mars/start", data={**form, "typed": "mars"})
        assert (wrong.status_code, "no runbook of this server has a region mars" in wrong.text) == (422, True)
        away = await http.post(f"/evacuations/{REGION}/start", data={**form, "typed": REGION})
        assert (away.status_code, "Temporal was not reached yet" in away.text) == (503, True)


class Ending(Stage):
    """Each look at the evacuation sees the next of these."""

    moments: list[EvacuateState]

    async def composite(self, workflow_id: str, kind: type[Model]) -> Model:  # type: ignore[override]  # what is seen is no matter of types
        """The next."""
        del workflow_id, kind
        return self.moments.pop(0) if len(self.moments) > 1 else self.moments[0]


async def test_the_page_follows_until_the_record_is_written(tmp_path: Path) -> None:
    """Each change is one event; what did not change is not sent again."""
    first = composite_samples.evacuation()
    books = tuple(book.model_copy(update={"fate": Fate.ENDED}) for book in first.books)
    over = first.model_copy(update={"books": books, "ended_at": time.time(), "message": "3 of 4 are out"})
    made = stage(tmp_path)
    at = Ending(made.settings, made.library, made.link, pause=0.01)
    at.moments = [first, first, over, over.model_copy(update={"record": "records/us-east-1/0198a7c2"})]
    async with looking(at) as http:
        text = (await http.get(f"/evacuations/{REGION}/events")).text
    events = [block for block in text.split("\n\n") if "event: " in block]
    kinds = [block.partition("event: ")[2].partition("\n")[0] for block in events]
    assert kinds == ["state", "state", "over"]
    assert ["/records/0198a7c2" in block for block in events] == [False, False, True]
    assert "3 of 4 are out" in events[1]


async def test_the_api_has_the_same(tmp_path: Path) -> None:
    """States as they are, and words with their judgement; what is not there is 404."""
    at = seeing(tmp_path)
    async with looking(at) as http:
        token = {"X-CSRF-Token": fields(await get(http, f"/evacuations/{REGION}"), "Stop the")["csrf"]}
        drill = DrillState.model_validate((await http.get(f"/api/v1/drills/{NAME}")).json())
        assert drill == composite_samples.soaking_drill()
        report = (await http.get(f"/api/v1/readiness/{NAME}")).json()
        assert (report["report"]["ready"], report["ended"]) == (False, True)
        assert (await http.get(f"/api/v1/restore-tests/{NAME}")).json()["report"]["passed"] is False
        said = {"word": "go-on", "reason": "seen"}
        heard = await http.post(f"/api/v1/evacuations/{REGION}/words", json=said, headers=token)
        assert (heard.status_code, heard.json()["phase"]) == (200, "waiting-for-person")
        abort = {"kind": "abort", "reason": "enough"}
        judged = await http.post(f"/api/v1/drills/{NAME}/decisions", json=abort, headers=token)
        assert (judged.status_code, judged.json()["counts"]) == (200, True)
        gone = await http.get("/api/v1/evacuations/mars")
        assert (gone.status_code, sorted(gone.json())) == (404, ["error", "what_next"])
