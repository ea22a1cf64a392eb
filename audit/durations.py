"""How long steps took before, from the records of past runs: what the estimate of the next one is made of."""

import json
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from runbooks.estimate import Past
from runbooks.runs import Status
from runbooks.steps import Verb
from runbooks.values import Model, UnixTime

NEWEST = 50
"""So many runs are looked at: what was slow two years ago says little of today."""

_LOOKS = tuple(f"{verb}." for verb in (Verb.VERIFY, Verb.CATCH_UP, Verb.COMPARE))
"""What never changes anything takes its time all the same; of other steps only those that acted count."""


class _Step(Model):
    id: str
    uses: str


class _Plan(Model):
    steps: tuple[_Step, ...] = ()


class _Took(Model):
    id: str
    status: str
    started_at: UnixTime | None = None
    ended_at: UnixTime | None = None


class _State(Model):
    """As much of a RunState as is needed: it is read while a recovery waits, and may be of another release."""

    plan: _Plan | None = None
    steps: tuple[_Took, ...] = ()


def past_durations(records: Path, runbook: str, newest: int = NEWEST) -> Past:
    """What the runbook's newest records tell; a broken one tells nothing. Reads files."""
    steps: defaultdict[str, list[float]] = defaultdict(list)
    uses: defaultdict[str, list[float]] = defaultdict(list)
    for file in _newest(records / runbook, newest):
        for step_id, technology, seconds in _durations(file):
            steps[step_id].append(seconds)
            uses[technology].append(seconds)
    return Past(
        steps={name: tuple(seconds) for name, seconds in steps.items()},
        uses={name: tuple(seconds) for name, seconds in uses.items()},
    )


def _newest(folder: Path, newest: int) -> list[Path]:
    """The states of the newest records: a record's name begins with when its run began."""
    try:
        found = [entry.name for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError:
        return []
    return [folder / name / "state.json" for name in sorted(found, reverse=True)[:newest]]


@lru_cache(maxsize=1024)  # a record never changes
def _durations(file: Path) -> tuple[tuple[str, str, float], ...]:
    """Step, technology and seconds of every step of one run that did its work."""
    try:
        state = _State.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return ()
    technologies = {step.id: step.uses for step in state.plan.steps} if state.plan else {}
    return tuple(
        (step.id, technologies[step.id], step.ended_at - step.started_at)
        for step in state.steps
        if step.started_at is not None
        and step.ended_at is not None
        and step.ended_at >= step.started_at
        and step.id in technologies
        and _did_its_work(step, technologies[step.id])
    )


def _did_its_work(step: _Took, technology: str) -> bool:
    return step.status == Status.DONE or (step.status == Status.UNCHANGED and technology.startswith(_LOOKS))
