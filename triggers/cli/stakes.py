"""What is at stake in a run: its time against the objective, what is or may be lost, what an abort would do. Pure."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from runbooks.budget import budget
from runbooks.durations import duration
from runbooks.loss import LossReport
from runbooks.models import PLANNED
from runbooks.outlook import against_rto, elapsed, if_aborted, losses, promoted
from runbooks.runs import Phase, RunState
from triggers.cli.words import clean, clock

LABEL = 11
"""Every sentence above the steps begins in the same column."""
_INDENT = 5
"""Beneath the bar."""
_BAR = 18
_LATE, _NEAR = 1.0, 0.6
_BEFORE_YES = frozenset({Phase.PLANNING, Phase.AWAITING_APPROVAL})

Row = tuple[str, str, str]
"""A label, its sentence, and their style."""


def rto_line(state: RunState, now: float) -> RenderableType:
    """The time that was promised, as a bar: green, yellow from 60 %, red past the objective."""
    spent = against_rto(state, now)
    share = spent / state.rto if state.rto else _LATE
    style = "red" if share > _LATE else "yellow" if share >= _NEAR else "green"
    full = min(_BAR, round(share * _BAR))
    over = f"  OVER by {duration(spent - state.rto)}" if share > _LATE else f"  {share:.0%}"
    return Text.assemble(
        ("RTO  ", "bold"),
        ("━" * full, style),
        ("─" * (_BAR - full), "dim"),
        "  ",
        (duration(spent), f"bold {style}"),
        f" of {duration(state.rto)}",
        (over, style),
        (f"  {_counted(state, now)}", "dim"),
    )


def budget_line(state: RunState, now: float) -> RenderableType | None:
    """What is left and what is needed, and until when it must be decided; None while nothing of that is known."""
    if state.outcome is not None or state.estimate is None:
        return None
    found = budget(state, now)
    if found.needed is None:
        return None
    late = found.needed > found.left or (found.decide_by is not None and found.decide_by <= now)
    style = "bold red" if late and state.procedure not in PLANNED else ""
    return Padding(Text(time_left(state, now), style=style), (0, 0, 0, _INDENT))


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


def _counted(state: RunState, now: float) -> str:
    """What the time is counted from; nothing is down in a planned procedure but the writes, while they are stopped."""
    if state.procedure in PLANNED:
        return f"without writes; {duration(elapsed(state, now))} in all"
    return f"since the {'request' if state.fault_at is None else 'fault'}"


def stakes(state: RunState) -> RenderableType | None:
    """What a person must know before saying anything: what is lost, what is refused, what an abort would do."""
    rows = [*_losses(state), *_judged(state)]
    would = if_aborted(state)
    if would is not None:
        rows.append(("abort", would, ""))
    if not rows:
        return None
    lines = Table.grid(padding=(0, 1), expand=True)
    lines.add_column(no_wrap=True, min_width=LABEL)
    lines.add_column(ratio=1)
    for label, sentence, style in rows:
        lines.add_row(Text(label, style=style or "dim"), Text(clean(sentence), style=style))
    return lines


def _losses(state: RunState) -> Iterator[Row]:
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
        style = "bold red" if newest.loss.seconds != 0 else ""
        label = "lost" if newest.moment == "after" else "may lose" if style and state.outcome is None else "loss"
        yield label, _measured(newest), style
        for report in earlier:
            if report.loss.sentence != newest.loss.sentence:
                yield "", _measured(report), "dim"
    if nothing:
        names = ", ".join(report.loss.resource for report in nothing)
        yield "loss", f"nothing of {names} ({_when(max(nothing, key=lambda report: report.at))})", ""


def _stated(state: RunState) -> Iterator[Row]:
    """What the plan states, while nothing has been measured for an approval yet."""
    if state.plan is None or state.phase not in _BEFORE_YES:
        return
    for loss in state.plan.loss:
        if loss.seconds != 0:
            yield "may lose", loss.sentence, "bold red"
    unharmed = [loss.resource for loss in state.plan.loss if loss.seconds == 0]
    if unharmed:
        yield "loss", f"nothing of {', '.join(unharmed)}", ""


def _is_nothing(reports: tuple[LossReport, ...]) -> bool:
    """It was never measured to be anything."""
    return all(report.loss.seconds == 0 and not report.difference for report in reports)


def _when(report: LossReport) -> str:
    moment = {"planned": "as planned", "approved": "as approved", "after": "measured afterwards"}[report.moment]
    return f"{moment}, {clock(report.at)}"


def _measured(report: LossReport) -> str:
    """The loss, when it was measured, and why that is not what was measured before."""
    difference = f"; {report.difference}" if report.difference else ""
    return f"{report.loss.sentence} ({_when(report)}{difference})"


def _judged(state: RunState) -> Iterator[Row]:
    if state.plan is None or state.phase not in _BEFORE_YES:
        return
    for refusal in state.plan.standing():
        yield "refused" if refusal.name else "blocked", refusal.sentence, "bold yellow"
    for note in state.plan.notes:
        yield "note", note, ""
