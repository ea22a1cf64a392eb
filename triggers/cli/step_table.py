"""The steps of a run as rows; where there is no room for all, those that matter now. Pure."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from runbooks.durations import duration
from runbooks.runs import RunState, Status, StepState
from triggers.cli.words import clean

MARKS: dict[Status, tuple[str, str]] = {
    Status.PENDING: ("·", "dim"),
    Status.RUNNING: ("▸", "bold cyan"),
    Status.DONE: ("✓", "green"),
    Status.UNCHANGED: ("=", "green"),
    Status.WAITING: ("!", "bold yellow"),
    Status.SKIPPED: ("-", "yellow"),
    Status.NOT_RUN: ("x", "dim"),
    Status.UNDONE: ("«", "yellow"),
}
_QUIET = frozenset({Status.PENDING, Status.NOT_RUN})
_OVER = frozenset({Status.DONE, Status.UNCHANGED})


def step_table(state: RunState, now: float, room: int | None = None) -> RenderableType:
    """A row for each step, with its sign, its time and why."""
    known = {step.id: step for step in state.plan.steps} if state.plan else {}
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(width=1)
    table.add_column(justify="right", min_width=5, no_wrap=True)
    table.add_column(ratio=1)
    shown = chosen(state.steps, room)
    for step in shown:
        mark, style = _mark(step)
        planned = known.get(step.id)
        what = Text(clean(planned.sentence if planned else step.id), no_wrap=True, overflow="ellipsis")
        if step.status in _QUIET:
            what.stylize("dim")
        if planned is not None and planned.final:
            what.append("  (final)", style="magenta")
        why = _why(step)
        if why:
            what.append("  ").append(why, style=style)
        if step.status is Status.WAITING:  # the one row that must be read whole
            what.no_wrap = False
        table.add_row(Text(mark, style=style), Text(took(step, now), style="dim"), what)
    if len(shown) < len(state.steps):
        table.add_row("", "", Text(_left_out(state.steps, shown), style="dim"))
    return table


def chosen(steps: Sequence[StepState], room: int | None) -> list[StepState]:
    """The steps that fit, in their order: what goes on or went wrong, then what ended last and what comes next."""
    if room is None or len(steps) <= room:
        return list(steps)
    matter = [step for step in steps if step.status not in _QUIET | _OVER or _unproved(step)]
    done = sorted((s for s in steps if s.status in _OVER), key=lambda step: -(step.ended_at or 0.0))
    coming = [step for step in steps if step.status in _QUIET]
    free = max(0, room - 1 - len(matter))
    last = max(free // 3, free - len(coming))
    wanted = {step.id for step in [*matter, *done[:last], *coming[: max(0, free - len(done[:last]))]]}
    return [step for step in steps if step.id in wanted]


def _left_out(steps: Sequence[StepState], shown: Sequence[StepState]) -> str:
    known = {step.id for step in shown}
    hidden = [step for step in steps if step.id not in known]
    over = sum(step.status in _OVER for step in hidden)
    never = sum(step.status is Status.NOT_RUN for step in hidden)
    counts = {"more done": over, "more not run": never, "more to come": len(hidden) - over - never}
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"... and {told} (`evac status` shows all)"


def _mark(step: StepState) -> tuple[str, str]:
    """The step's sign; what went on without its proof never looks like what was proved."""
    return ("?", "yellow") if _unproved(step) else MARKS[step.status]


def _unproved(step: StepState) -> bool:
    return step.status in _OVER and step.result is not None and not step.result.proved


def took(step: StepState, now: float) -> str:
    """How long the step took, or has taken so far."""
    if step.started_at is None:
        return ""
    return duration((now if step.ended_at is None else step.ended_at) - step.started_at)


def _why(step: StepState) -> str:
    said = step.error or (step.result.reason if step.result else "")
    if step.status is Status.UNDONE:
        return clean(f"TAKEN BACK: {said}")
    if step.status is Status.WAITING:
        return clean(f"WAITS: {said}")
    if _unproved(step):
        return clean(f"NOT PROVED, accepted: {said}")
    return clean(said)
