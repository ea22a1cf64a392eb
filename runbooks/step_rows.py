"""The steps of a run, one line each; where there is no room for all, those that matter now. Pure."""

from collections.abc import Sequence

from runbooks.durations import duration
from runbooks.runs import Status, StepState
from runbooks.words import clean

MARKS: dict[Status, str] = {
    Status.PENDING: "·",
    Status.RUNNING: "▸",
    Status.DONE: "✓",
    Status.UNCHANGED: "=",
    Status.WAITING: "!",
    Status.SKIPPED: "-",
    Status.NOT_RUN: "x",
    Status.UNDONE: "«",
}
UNPROVED = "?"
QUIET = frozenset({Status.PENDING, Status.NOT_RUN})
_OVER = frozenset({Status.DONE, Status.UNCHANGED})


def chosen(steps: Sequence[StepState], room: int | None) -> list[StepState]:
    """The steps that fit, in their order: what goes on or went wrong, then what ended last and what comes next."""
    if room is None or len(steps) <= room:
        return list(steps)
    matter = [step for step in steps if step.status not in QUIET | _OVER or _unproved(step)]
    done = sorted((s for s in steps if s.status in _OVER), key=lambda step: -(step.ended_at or 0.0))
    coming = [step for step in steps if step.status in QUIET]
    free = max(0, room - 1 - len(matter))
    last = max(free // 3, free - len(coming))
    wanted = {step.id for step in [*matter, *done[:last], *coming[: max(0, free - len(done[:last]))]]}
    return [step for step in steps if step.id in wanted]


def left_out(steps: Sequence[StepState], shown: Sequence[StepState]) -> str:
    """How many are not shown, and what became of them."""
    known = {step.id for step in shown}
    hidden = [step for step in steps if step.id not in known]
    over = sum(step.status in _OVER for step in hidden)
    never = sum(step.status is Status.NOT_RUN for step in hidden)
    counts = {"more done": over, "more not run": never, "more to come": len(hidden) - over - never}
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"... and {told} (`evac status` shows all)"


def mark(step: StepState) -> str:
    """The step's sign; what went on without its proof never looks like what was proved."""
    return UNPROVED if _unproved(step) else MARKS[step.status]


def _unproved(step: StepState) -> bool:
    return step.status in _OVER and step.result is not None and not step.result.proved


def took(step: StepState, now: float) -> str:
    """How long the step took, or has taken so far."""
    if step.started_at is None:
        return ""
    return duration((now if step.ended_at is None else step.ended_at) - step.started_at)


def why(step: StepState) -> str:
    """What was said of it last."""
    said = step.error or (step.result.reason if step.result else "")
    if step.status is Status.RUNNING and step.doing:
        return clean(step.doing)
    if step.status is Status.UNDONE:
        return clean(f"TAKEN BACK: {said}")
    if step.status is Status.WAITING:
        return clean(f"WAITS: {said}")
    if _unproved(step):
        return clean(f"NOT PROVED, accepted: {said}")
    return clean(said)
