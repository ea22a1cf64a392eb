"""A run as lines: what has changed between two looks at it, for logs and pipes. Pure."""

import re
import time

from runbooks.durations import duration
from runbooks.models import PLANNED
from runbooks.outlook import began
from runbooks.runs import RunState, Status
from runbooks.telling import measured
from runbooks.words import clean, clock, route
from triggers.cli.awaited import answers

_SECONDS = re.compile(r" \(\d+ s\)$")


def opening(state: RunState) -> str:
    """What is being followed."""
    since = "the request" if state.fault_at is None else "the fault"
    counted = "how long writes stop" if state.procedure in PLANNED else f"counted from {since}"
    return (
        f"{clock(state.started_at)}  {state.runbook}: {state.procedure} {route(state)}, run {state.run}; "
        f"RTO {duration(state.rto)}, {counted}"
    )


def changes(before: RunState | None, after: RunState) -> list[str]:
    """One line for each thing that happened since `before`."""
    known = 0 if before is None else len(before.events)
    told = [(event.at, event.text) for event in after.events[known:]]
    told += _begun(before, after)
    told += _doing(before, after)
    lines = [_line(after, at, text) for at, text in sorted(told, key=lambda item: item[0])]
    commands = answers(after)
    if commands and (before is None or answers(before) != commands):
        lines += [f"{'answer with' if n == 0 else 'or':>23}  {command}" for n, command in enumerate(commands)]
    return lines


def closing(state: RunState) -> str:
    """How it ended, in one line."""
    outcome = state.outcome.value if state.outcome else state.phase.value
    return f"{outcome}: {clean(state.message)} [{measured(state)}]"


def _begun(before: RunState | None, after: RunState) -> list[tuple[float, str]]:
    were = {} if before is None else {step.id: step.status for step in before.steps}
    sentences = {step.id: step.sentence for step in after.plan.steps} if after.plan else {}
    return [
        (step.started_at, f"{sentences.get(step.id, step.id)}: started")
        for step in after.steps
        if step.started_at is not None
        and step.status is not Status.PENDING
        and were.get(step.id, Status.PENDING) is Status.PENDING
    ]


def _doing(before: RunState | None, after: RunState) -> list[tuple[float, str]]:
    """How far a long step is, when that is news: not when only its seconds have grown."""
    were = {} if before is None else {step.id: _SECONDS.sub("", step.doing) for step in before.steps}
    sentences = {step.id: step.sentence for step in after.plan.steps} if after.plan else {}
    return [
        (time.time(), f"{sentences.get(step.id, step.id)}: {step.doing}")
        for step in after.steps
        if step.doing and were.get(step.id, "") != _SECONDS.sub("", step.doing)
    ]


def _line(state: RunState, at: float, text: str) -> str:
    return f"{clock(at)}  {'+' + duration(at - began(state)):>10}  {clean(text)}"
