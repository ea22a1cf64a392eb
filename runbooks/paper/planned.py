"""Each plan in full: what moves, its steps as a picture and as a table, and until when it can be undone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from runbooks.durations import duration
from runbooks.models import PLANNED, Procedure
from runbooks.paper.blocks import Block, Code, Grid, Items, Notice, Paragraph, Picture, Section, listed
from runbooks.paper.cases import Case
from runbooks.paper.words import PROCEDURES
from runbooks.plan import Plan, Step
from runbooks.render import traffic_words, waited_for
from runbooks.reversal import Mark, first_promotions, last_safe_abort_point, marks, numbered
from runbooks.values import Model, Seconds

_TITLES = {
    Procedure.FAILOVER: "Failover",
    Procedure.SWITCHOVER: "Switchover",
    Procedure.FAILBACK: "Failback, and the way home after a drill",
    Procedure.DRILL: "Isolated drill",
}
_BACK = {
    Mark.UNDONE: "an abort undoes it",
    Mark.PLAIN: "nothing to undo",
    Mark.KEPT: "stays: past the point of no return",
    Mark.FINAL: "FINAL",
    Mark.POINT: "FINAL\npoint of no return",
}


class Bounds(Model):
    """How long one try of a step may take, and how often it is tried."""

    tries: int
    attempt: Seconds


class Practice(Model):
    """How a technology does what it does, and what its credentials must be allowed to do."""

    does: str
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manual:
    """What is known of the steps beside the plan: whoever asks for the document hands it over."""

    practices: Mapping[str, Practice]
    bounds: Callable[[Step], Bounds]
    release: str = ""


def planned(cases: tuple[Case, ...], manual: Manual) -> Iterator[Section]:
    """One section for each procedure, one inside it for each case."""
    for procedure in PROCEDURES:
        found = [case for case in cases if case.procedure is procedure]
        if found:
            sections = tuple(Section(case.title, tuple(_case(case, manual))) for case in found)
            yield Section(_TITLES[procedure], (Paragraph(PROCEDURES[procedure]),), sections)


def _case(case: Case, manual: Manual) -> Iterator[Block]:
    yield Paragraph(case.situation)
    plan = case.plan
    if plan is None:
        yield Notice("No plan", f"{case.why_not}.")
        return
    yield Items((f"Traffic: {traffic_words(plan)}.", *_loss(plan)))
    for refusal in plan.refusals:
        how = "it cannot be accepted" if refusal.name is None else f"accepted as {refusal.name}"
        standing = "Accepted beforehand" if refusal.name in plan.accepted else "Refuses itself"
        yield Notice(standing, f"{refusal.sentence} ({how})")
    yield Picture(plan)
    yield Notice("Point of no return", _point(plan))
    yield Notice("Last safe abort", _sentence(last_safe_abort_point(plan)))
    yield _steps(plan, manual)
    notes = tuple(_sentence(note) for note in plan.notes if not _of_the_moment(plan, note))
    if notes:
        yield Items(notes)


def _loss(plan: Plan) -> Iterator[str]:
    """A planned move's loss is known; that of a failover is measured in the run."""
    if plan.procedure is Procedure.DRILL:
        yield "Data: nothing that is in use is touched."
    elif plan.procedure in PLANNED:
        yield from (f"Data of {_sentence(loss.sentence)}" for loss in plan.loss)
        if not plan.loss:
            yield "Data: no writer is moved."
    elif plan.loss:
        stores = ", ".join(loss.resource for loss in plan.loss)
        yield (
            f"Data of {stores}: what had not been copied is lost. The run bounds it from what was last seen, states it "
            f"before anybody is asked, and refuses itself above {duration(plan.rpo)}."
        )
    else:
        yield "Data: no writer is in the region, so nothing is lost."


def _of_the_moment(plan: Plan, note: str) -> bool:
    """It tells of the readings, which are made up here."""
    return note.startswith(f"if {plan.source} failed now: ")


def _point(plan: Plan) -> str:
    numbers = numbered(plan)
    points = [f"step {numbers[step.id]} ({step.sentence})" for step in first_promotions(plan)]
    if not points:
        return "there is none: no writer is moved."
    first = "" if len(points) == 1 else ", whichever begins first"
    return f"{listed(points, 'or')}{first}. From then on clients write to the new primary."


def _sentence(text: str) -> str:
    return f"{text.rstrip('.')}."


def _steps(plan: Plan, manual: Manual) -> Grid:
    numbers = numbered(plan)
    waits = waited_for(plan, numbers)
    drawn = marks(plan)
    rows = []
    for step_id, number in numbers.items():
        step = plan.step(step_id)
        after = ", ".join(map(str, waits[step_id])) or "the start"
        rows.append(
            (str(number), step.sentence, after, Code(step.uses), _tries(manual.bounds(step)), _BACK[drawn[step_id]])
        )
    return Grid(("No.", "Step", "Begins after", "Done by", "Tried", "Taken back"), tuple(rows))


def _tries(bounds: Bounds) -> str:
    times = "once" if bounds.tries == 1 else f"up to {bounds.tries} times"
    return f"{times}, at most {duration(bounds.attempt)} each"
