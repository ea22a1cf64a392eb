"""`evac replay --against` and `--set`: what another runbook, or planner, would have made of the same readings.

Plans are made by the planner of today in any case; `--against planner` keeps the runbook, so that nothing else differs.
"""

import asyncio
import sys
from pathlib import Path

from activities.planning import answer as planned
from runbooks.models import Runbook
from runbooks.runs import RunInput, RunState
from runbooks.watches import WatchInput
from runbooks.whatif import Change, changed, of_approval, of_detection, of_plan, of_weighing, past_of
from runbooks.words import clock
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbook
from triggers.cli.frame import rows
from triggers.cli.out import Format, Refusal, conclude, document
from triggers.cli.screen import console
from triggers.names import RUNS, WATCH
from triggers.replay.inputs import argument, plans, weighings
from triggers.replay.recording import Recording
from triggers.replay.witness import BY_NAME, Witness

PLANNER = "planner"
"""In the place of a runbook's path; a file of that name is `./planner`."""


def otherwise(recording: Recording, against: str | None, settings: list[str], output: Format) -> None:
    """Say what would be otherwise, if anything."""
    if recording.workflow not in RUNS | {WATCH}:
        what = "another runbook can be tried on runs of a plan, and on detectors"
        message = f"{recording.name} is a {recording.workflow}: {what}"
        raise Refusal(Exit.USAGE, message)
    given = _given(recording)
    if against == PLANNER and isinstance(given, WatchInput):
        message = f"{recording.name} is a detector, and makes no plans: try another runbook, or `--set`"
        raise Refusal(Exit.USAGE, message)
    before: Runbook = given.runbook
    after = _other(before, against, settings)
    found = _watched(recording, after) if isinstance(given, WatchInput) else _run(recording, given, after)
    if output is Format.JSON:
        document(run=recording.name, changes=[change.model_dump(mode="json") for change in found])
    elif not found:
        conclude(f"{recording.name}: nothing would be otherwise.")
    else:
        by = "today's planner" if after == before else "the other runbook"
        _print(f"{recording.name}: the same readings, {by}", found)


def _given(recording: Recording) -> WatchInput | RunInput:
    """What it was started with. Raises Refusal."""
    history = recording.history
    given = argument(history, WatchInput) if recording.workflow == WATCH else argument(history, RunInput)
    if given is None:
        raise Refusal(Exit.USAGE, f"what {recording.name} was started with cannot be read")
    return given


def _other(before: Runbook, against: str | None, settings: list[str]) -> Runbook:
    after = before if against in (None, PLANNER) else read_runbook(Path(against)).runbook
    if after.name != before.name:
        raise Refusal(Exit.USAGE, f"{against} is the runbook {after.name}; the run was one of {before.name}")
    try:
        return changed(after, settings)
    except ValueError as error:
        raise Refusal(Exit.INVALID, f"{error}; nothing was tried") from None


def _run(recording: Recording, given: RunInput, after: Runbook) -> list[Change]:
    state = _last(recording)
    region = given.source
    found = of_detection(given.runbook, after, state.verdicts, region) if state.verdicts and not given.force else []
    past = past_of(state)
    made: dict[str, Change] = {}
    for call, answered in plans(recording.history):
        request = call.request.model_copy(update={"runbook": after})
        again = planned(call.model_copy(update={"request": request}))
        for change in of_plan(answered.plan, again.plan, again.error, past):
            made[change.about] = change  # of a plan made again and again the newest is told
    return [*found, *made.values(), *of_approval(state, given.runbook, after)]


def _watched(recording: Recording, after: Runbook) -> list[Change]:
    return [
        change.model_copy(update={"about": f"{clock(snapshot.at)}  {change.about}"})
        for snapshot in weighings(recording.history)
        for change in of_weighing(snapshot, after)
    ]


def _last(recording: Recording) -> RunState:
    """The run as it stood at the end of its history. Raises Refusal when the code of today cannot tell."""
    replayed = asyncio.run(Witness([BY_NAME[recording.workflow]], ask=True).replay(recording.history))
    states = [turn.state for turn in replayed.turns if turn.state is not None]
    if not states:
        raise Refusal(Exit.FAILED, f"the code of today cannot replay {recording.name}: `evac replay` says why")
    return RunState.model_validate_json(states[-1])


def _print(title: str, found: list[Change]) -> None:
    out = console(sys.stdout)
    out.print(title, style="bold", soft_wrap=True)
    for change in found:
        out.print()
        out.print(change.about, style="bold", soft_wrap=True)
        out.print(rows([("then", change.then, "dim"), ("now", change.now, "bold yellow")], width=6))
