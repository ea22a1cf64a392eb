"""What is at stake in a run: its time against the objective, what is or may be lost, what an abort would do. Pure."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from runbooks.awaited import standing
from runbooks.budget import budget
from runbooks.durations import duration
from runbooks.loss import LossReport
from runbooks.models import PLANNED
from runbooks.outlook import elapsed, if_aborted, losses, promoted
from runbooks.runs import Phase, RunState
from runbooks.words import clock

_BEFORE_YES = frozenset({Phase.PLANNING, Phase.AWAITING_APPROVAL})


class Tone(StrEnum):
    """How a sentence is to be read."""

    PLAIN = "plain"
    LOSS = "loss"
    WARNING = "warning"
    EARLIER = "earlier"
    """It was so before, and is said to be compared."""


class Stake(NamedTuple):
    """One thing that a person must know before saying anything. An empty label goes with the line above."""

    label: str
    sentence: str
    tone: Tone = Tone.PLAIN


def time_left(state: RunState, now: float) -> str:
    """What is left of the objective, what the plan needs, and until when it must be decided: in words."""
    found = budget(state, now)
    if state.procedure not in PLANNED or found.needed is None:
        return found.sentence
    if state.decided_at is not None and not found.needed_p95:
        return "it serves again; what is left prepares the way back"
    to_go = "the plan needs" if state.decided_at is None else "to go:"
    slow = "" if found.needed_p95 is None else f" (p95 {duration(found.needed_p95)})"
    return f"{to_go} {duration(found.needed)}{slow}"


def counted(state: RunState, now: float) -> str:
    """What the time is counted from; nothing is down in a planned procedure but the writes, while they are stopped."""
    if state.procedure in PLANNED:
        return f"without writes; {duration(elapsed(state, now))} in all"
    return f"since the {'request' if state.fault_at is None else 'fault'}"


def stakes(state: RunState) -> tuple[Stake, ...]:
    """What is lost, what is refused, what an abort would do."""
    rows = [*loss_stakes(state), *plan_stakes(state)]
    would = if_aborted(state)
    return (*rows, Stake("abort", would)) if would is not None else tuple(rows)


def loss_stakes(state: RunState) -> Iterator[Stake]:
    """The newest measurement of each resource, and each earlier one that was another; no loss at all in one row."""
    measured = losses(state)
    if not measured:
        yield from _stated(state)
    if state.outcome is not None and not promoted(state):
        return  # nothing was moved, so nothing was lost
    nothing = [reports[0] for reports in measured.values() if _is_nothing(reports)]
    for newest, *earlier in measured.values():
        if newest in nothing:
            continue
        tone = Tone.LOSS if newest.loss.seconds != 0 else Tone.PLAIN
        label = (
            "lost"
            if newest.moment == "after"
            else "may lose"
            if tone is Tone.LOSS and state.outcome is None
            else "loss"
        )
        yield Stake(label, _measured(newest), tone)
        for report in earlier:
            if report.loss.sentence != newest.loss.sentence:
                yield Stake("", _measured(report), Tone.EARLIER)
    if nothing:
        names = ", ".join(report.loss.resource for report in nothing)
        yield Stake("loss", f"nothing of {names} ({_when(max(nothing, key=lambda report: report.at))})")


def _stated(state: RunState) -> Iterator[Stake]:
    """What the plan states, while nothing has been measured for an approval yet."""
    if state.plan is None or state.phase not in _BEFORE_YES:
        return
    for loss in state.plan.loss:
        if loss.seconds != 0:
            yield Stake("may lose", loss.sentence, Tone.LOSS)
    unharmed = [loss.resource for loss in state.plan.loss if loss.seconds == 0]
    if unharmed:
        yield Stake("loss", f"nothing of {', '.join(unharmed)}")


def _is_nothing(reports: tuple[LossReport, ...]) -> bool:
    """It was never measured to be anything, in one region. A store that counts no transactions has still lost none."""
    lost = (report.loss for report in reports)
    nothing = all(loss.seconds == 0 and not loss.bytes and not loss.transactions for loss in lost)
    return nothing and len({report.loss.region for report in reports}) == 1


def _when(report: LossReport) -> str:
    moment = {"planned": "as planned", "approved": "as approved", "after": "measured afterwards"}[report.moment]
    return f"{moment}, {clock(report.at)}"


def _measured(report: LossReport) -> str:
    """The loss, when it was measured, and why that is not what was measured before."""
    difference = f"; {report.difference}" if report.difference else ""
    return f"{report.loss.sentence} ({_when(report)}{difference})"


def plan_stakes(state: RunState) -> Iterator[Stake]:
    """Why the plan refuses itself, and what its approver should know."""
    if state.plan is None or state.phase not in _BEFORE_YES:
        return
    for refusal in standing(state):
        yield Stake("refused" if refusal.name else "blocked", refusal.sentence, Tone.WARNING)
    for note in state.plan.notes:
        yield Stake("note", note)
