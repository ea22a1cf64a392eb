"""`evac replay --at` and `--step`: what people saw at any moment of a past run."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.text import Text

from runbooks.runs import RunState
from runbooks.watches import WatchState
from runbooks.words import clean, clock, day
from triggers.cli.exits import Exit
from triggers.cli.out import Format, Refusal, answer, document, say
from triggers.cli.screen import console
from triggers.cli.session import at_terminal
from triggers.cli.shapes import BY_TYPE
from triggers.cli.view import run_view
from triggers.cli.watching import watch_view
from triggers.names import RUNS, WATCH
from triggers.replay.differences import difference
from triggers.replay.moments import Moment, at_event, at_time, moments
from triggers.replay.recording import Recording
from triggers.replay.witness import Replayed

_HELP = "n(ext), p(revious), an event's number, a time such as 12:03:05, q(uit)"


def show_at(recording: Recording, replayed: Replayed, when: str, output: Format) -> None:
    """Show the state at the time, or just after the event."""
    found = _moments(recording, replayed)
    moment = _sought(found, when)
    if moment is None:
        raise Refusal(Exit.USAGE, f"{when} is neither an event's number nor a time such as 12:03:05")
    asked_at = _time(found, when) or moment.at
    if output is Format.JSON:
        document(run=recording.name, event=moment.number, at=asked_at, what=moment.what, state=moment.state)
        return
    _show(console(sys.stdout), recording, moment, asked_at)


def walk(recording: Recording, replayed: Replayed, output: Format) -> None:
    """Walk through it on a terminal; else list it."""
    found = _moments(recording, replayed)
    if output is Format.JSON:
        listed = [{"event": one.number, "at": one.at, "what": one.what, "state": one.state} for one in found]
        document(run=recording.name, events=listed)
    elif at_terminal():
        _walked(recording, found)
    else:
        for line in lines(found):
            answer(line)


def lines(found: Sequence[Moment]) -> list[str]:
    """An event a line, and under it how the run stood whenever that became another."""
    told, before = [], ""
    for one in found:
        told.append(f"{one.number:>5}  {clock(one.at)}  {clean(one.what)}")
        stands = _stands(one)
        if stands and stands != before:
            told.append(f"{'':>18}{stands}")
            before = stands
    return told


def _stands(moment: Moment) -> str:
    state = moment.state or {}
    head = str(state.get("outcome") or state.get("phase") or "").upper().replace("-", " ")
    message = clean(str(state.get("message") or ""))
    return f"{head}: {message}" if head and message else head or message


def _walked(recording: Recording, found: Sequence[Moment]) -> None:
    place = 0
    out = console(sys.stdout)
    while True:
        moment = found[place]
        _show(out, recording, moment, moment.at)
        said = _asked(place, len(found))
        while said not in ("q", "n", "", "p") and _sought(found, said) is None:
            say(_HELP)
            said = _asked(place, len(found))
        if said == "q":
            return
        if said in ("n", "", "p"):
            place = max(0, min(len(found) - 1, place + (-1 if said == "p" else 1)))
        else:
            sought = _sought(found, said)
            place = place if sought is None else found.index(sought)


def _asked(place: int, of: int) -> str:
    try:
        return input(f"[{place + 1} of {of}; n p EVENT TIME q] ").strip().lower()
    except EOFError:
        return "q"


def _show(out: Console, recording: Recording, moment: Moment, at: float) -> None:
    out.print(Text(f"event {moment.number}  {day(at)}  {clean(moment.what)}", style="reverse"), soft_wrap=True)
    out.print()
    out.print(_picture(recording, moment.state, at))


def _picture(recording: Recording, state: Any, at: float) -> Any:  # noqa: ANN401 - a state as JSON; what rich draws
    """As `evac status` showed it then."""
    if state is None:
        return Text("Nobody who asked was answered yet: the workflow had not decided anything.")
    if recording.workflow in RUNS:
        return run_view(RunState.model_validate(state), at)
    if recording.workflow == WATCH:
        return watch_view(WatchState.model_validate(state), at)
    if recording.workflow in BY_TYPE:
        shape = BY_TYPE[recording.workflow]
        return shape.view(shape.state.model_validate(state), at)
    return Text("\n".join(f"{key}: {value}" for key, value in state.items()))


def _moments(recording: Recording, replayed: Replayed) -> list[Moment]:
    found = moments(recording, replayed)
    wrong = difference(recording.history, replayed)
    if wrong is not None:
        say(f"evac: the code of today goes another way {wrong.sentence}; until then it is as it was")
        found = [one for one in found if one.number < wrong.event] or found[:1]
    return found


def _sought(found: Sequence[Moment], text: str) -> Moment | None:
    if text.isdigit():
        return at_event(found, int(text))
    when = _time(found, text)
    return None if when is None else at_time(found, when)


def _time(found: Sequence[Moment], text: str) -> float | None:
    """The time: of the run's day where only a clock is said. `12:03` is the end of that minute."""
    if text.isdigit():
        return None
    began = datetime.fromtimestamp(found[0].at, tz=UTC)
    said = text.strip().upper().removesuffix("Z").replace("T", " ")
    for form in ("%H:%M:%S", "%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%H:%M:%S.%f"):
        try:
            time = datetime.strptime(said, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if not form.startswith("%Y"):
            time = time.replace(year=began.year, month=began.month, day=began.day)
            if time.timestamp() < began.timestamp() - 43200:  # it went on over midnight
                time += timedelta(days=1)
        if form.endswith("%M"):
            time += timedelta(seconds=59.999)
        elif form.endswith("%S"):
            time += timedelta(seconds=0.999)
        return time.timestamp()
    return None
