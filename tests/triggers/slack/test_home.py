"""The home tab, and the golden texts of what people see."""

from pathlib import Path
from typing import Any

import pytest

from activities.slack.ids import Asked
from runbooks.controls import KillSwitch
from runbooks.drills import DrillPhase, DrillState
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure, Runbook
from runbooks.readiness import Finding, Grade, ReadinessState, Topic, report
from runbooks.runs import DecisionKind, RunInput
from tests.triggers import samples
from tests.triggers.samples import NOON
from tests.triggers.slack.as_text import view_as_text
from tests.triggers.slack.conftest import ANN, BEN, Chat
from tests.workflows.world import runbook
from triggers.asking import run_request
from triggers.look import Execution
from triggers.overview import Overview, Seen
from triggers.slack import forms
from triggers.slack.forms import Form, Saying
from triggers.slack.home import home
from triggers.slack.looking import help_text, short
from triggers.slack.people import Person
from triggers.slack.room import trigger
from triggers.slack.starting import readiness_text

GOLDEN = Path(__file__).parent / "golden"
PERSON = Person(user=ANN, name="ann", proof="slack user U012 of team T012")
READY = ReadinessState(
    runbook="llm-platform",
    run="1",
    started_at=NOON,
    ended_at=NOON + 5,
    ended=True,
    message="looked",
    report=report(
        "llm-platform",
        "0" * 64,
        NOON - 7200,
        [
            Finding(topic=Topic.LAG, grade=Grade.OK, sentence="vector-db is 0.2 s behind", proven_at=NOON - 7200),
            Finding(topic=Topic.DRILL, grade=Grade.UNKNOWN, sentence="no drill was ever passed"),
            Finding(topic=Topic.WORKERS, grade=Grade.BAD, sentence="no worker listens at <witness>", proven_at=NOON),
        ],
    ),
)


def seen(kind: str, state: Any, name: str = "llm-platform", *, going: bool = True) -> Seen:
    """A workflow as the overview finds it."""
    path = f"evac/{name}" if kind in ("failover", "switchover") else f"evac/{name}/{kind}"
    return Seen(Execution(path, "1", kind, "running" if going else "completed", NOON, None if going else NOON), state)


def page() -> str:
    """Two runbooks: one whose run awaits an approval, and one that was never looked at."""
    books = [read(runbook(name="llm-platform")), read(runbook(name="search"))]
    run = seen("failover", samples.approving_run())
    switch = KillSwitch(by="ben", reason="we move the office", at=NOON, scope="search")
    first = Overview([run], [seen("readiness", READY, going=False)], [], [switch], [])
    return view_as_text(home(books, [first, Overview([], [], [], [], [])], NOON + 45))


def read(book: Runbook) -> LoadedRunbook:
    """As its file would be read."""
    return LoadedRunbook(book, "", ())


def form(procedure: Procedure, *, known: bool = True, **policy: Any) -> str:
    """The form of a procedure."""
    book = runbook(name="llm-platform", **({"policy": policy} if policy else {}))
    asked = trigger(PERSON, procedure, "1", source="us-east-1")
    request: RunInput = run_request(read(book), asked)
    return view_as_text(forms.start(Form(procedure=procedure, runbook="llm-platform"), request, known=known))


def saying(kind: DecisionKind, step: str = "") -> str:
    """The form that asks why."""
    asked = Asked(runbook="llm-platform", step=step)
    return view_as_text(forms.say(Saying(kind=kind, asked=asked), samples.waiting_run()))


def lines() -> str:
    """What goes on, each in a line."""
    drill = DrillState(
        runbook="llm-platform", run="1", mode="full", phase=DrillPhase.SOAK, source="us-east-1", started_at=NOON,
        message="it serves from eu-west-1",
    )  # fmt: skip
    found = [
        seen("failover", samples.approving_run()),
        seen("failover", samples.refusing_run()),
        seen("failover", samples.waiting_run()),
        seen("failover", samples.recovered_run(), going=False),
        seen("drill", drill),
        seen("readiness", READY, going=False),
    ]
    return "\n".join(short(one, NOON + 45) for one in found) + "\n"


ASKS = {"approval": {"by": ["sre-ai"], "count": 2}}
TEXTS = {
    "help": lambda: help_text() + "\n",
    "status": lines,
    "readiness": lambda: readiness_text(READY) + "\n",
    "home": page,
    "failover": lambda: form(Procedure.FAILOVER, failover=ASKS),
    "failback": lambda: form(Procedure.FAILBACK, known=False),
    "drill": lambda: form(Procedure.DRILL, known=False),
    "evacuate": lambda: view_as_text(
        forms.evacuate(Form(region="us-east-1"), [runbook(name="search"), runbook(name="llm", depends_on=["search"])])
    ),
    "reject": lambda: saying(DecisionKind.REJECT),
    "skip": lambda: saying(DecisionKind.SKIP, "scale.llm"),
    "abort": lambda: saying(DecisionKind.ABORT),
    "choose": lambda: view_as_text(forms.choose(Form(), [runbook(name="llm"), runbook(name="search")])),
    "loading": lambda: view_as_text(forms.loading("Failover")),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_people_see_is_as_agreed(name: str) -> None:
    """Each text is the golden one."""
    assert TEXTS[name]() == (GOLDEN / f"{name}.txt").read_text()


async def test_home_is_shown_when_it_is_opened_and_its_buttons_open_the_forms(chat: Chat) -> None:
    """What goes on, and whom it waits for; a press of an approval there counts, and is answered by a direct message."""
    await chat.start()
    await chat.awaiting()
    await chat.slack.open_home(BEN)
    shown = await chat.slack.until(lambda: chat.slack.home(BEN))
    text = view_as_text({"type": "home", "blocks": shown["blocks"]})
    assert "AWAITING APPROVAL" in text
    assert "readiness: never looked at" in text
    await chat.slack.click(shown, "evac.open.drill", BEN)
    assert (await chat.filled(BEN))["title"]["text"] == "Drill"
    await chat.slack.click(shown, "evac:approve", BEN)
    (told,) = await chat.slack.until(lambda: chat.slack.messages("D034"))
    assert told["text"].startswith("Approve by ben counts.")
