"""A detector as a picture, and as lines. Pure."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from runbooks.durations import duration
from runbooks.objection import Action, WatchDecision
from runbooks.runs import Verdict
from runbooks.watches import WatchState
from runbooks.words import clean, clock
from triggers.cli.frame import BAD, DOUBTFUL, GOOD, Row, rows
from triggers.cli.view import event_table

_EVENTS = 8
_SAID: dict[Action, str] = {
    "started": "STARTED a failover",
    "joined": "JOINED the run that is going",
    "vetoed": "VETOED, nothing is started",
    "dwelling": "WAITING before anything is started",
    "reported": "REPORTED only",
    "nothing": "nothing is done",
}
_STYLES: dict[Action, str] = {
    "started": GOOD,
    "joined": GOOD,
    "vetoed": BAD,
    "dwelling": DOUBTFUL,
    "reported": DOUBTFUL,
    "nothing": "dim",
}
_STYLE = {"healthy": "green", "unhealthy": "bold red", "unknown": "yellow"}


def watch_view(state: WatchState, now: float) -> RenderableType:
    """What every vantage point says of every region, with the age of its word."""
    counted = f", {state.decided} decision{'' if state.decided == 1 else 's'} so far" if state.decided else ""
    parts: list[RenderableType] = [Text.assemble((state.runbook, "bold"), f"  detector armed{counted}")]
    if state.verdicts:
        parts.append(_verdicts(state.verdicts, now))
    else:
        parts.append(Text("no vantage point has reported yet", style="yellow"))
    if state.decisions:
        parts += [Text(), rows(_decided(state, now))]
    if state.events:
        newest = state.events[-_EVENTS:]
        parts += [Text(), event_table(newest, newest[0].at)]
    if state.run:
        parts.append(Text(f"last run started: {state.run}", style="dim"))
    return Group(*parts)


def watch_lines(state: WatchState) -> list[str]:
    """One line for each verdict that is not as the others before it, and each event."""
    seen = [
        f"{verdict.region} from {verdict.vantage}: {verdict.state}, {clean(verdict.reason)}"
        for verdict in state.verdicts
    ]
    return [*seen, *(f"{clock(event.at)}  {clean(event.text)}" for event in state.events)]


def _decided(state: WatchState, now: float) -> list[Row]:
    """What was decided last of each region, and why: also when it was to do nothing."""
    last = {decision.region: decision for decision in state.decisions}
    decided = sorted(last.values(), key=lambda decision: decision.region)
    return [(one.region, told(one, now, _SAID[one.action]), _STYLES[one.action]) for one in decided]


def told(one: WatchDecision, now: float, said: str) -> str:
    """One decision with its reasons, and how long ago."""
    vetoes = f" ({', '.join(one.vetoes)})" if one.vetoes else ""
    return f"{said}{vetoes}: {'; '.join(one.reasons)} [{duration(now - one.at)} ago]"


def _verdicts(verdicts: tuple[Verdict, ...], now: float) -> RenderableType:
    table = Table.grid(padding=(0, 2), expand=True)
    for ratio in (None, None, None, None, 1):
        table.add_column(ratio=ratio, no_wrap=ratio is None)
    table.add_row(*(Text(title, style="dim") for title in ("region", "seen from", "state", "age", "why")))
    for verdict in sorted(verdicts, key=lambda v: (v.region, v.vantage)):
        word = Text(verdict.state, style=_STYLE[verdict.state])
        age = duration(now - verdict.at)
        table.add_row(verdict.region, verdict.vantage, word, age, Text(clean(verdict.reason)))
    return table
