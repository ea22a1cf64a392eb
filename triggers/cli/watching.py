"""A detector as a picture, and as lines. Pure."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from runbooks.durations import duration
from runbooks.runs import Verdict, WatchState
from triggers.cli.view import event_table
from triggers.cli.words import clean, clock

_EVENTS = 8
_STYLE = {"healthy": "green", "unhealthy": "bold red", "unknown": "yellow"}


def watch_view(state: WatchState, now: float) -> RenderableType:
    """What every vantage point says of every region, with the age of its word."""
    parts: list[RenderableType] = [Text.assemble((state.runbook, "bold"), "  detector armed")]
    if state.verdicts:
        parts.append(_verdicts(state.verdicts, now))
    else:
        parts.append(Text("no vantage point has reported yet", style="yellow"))
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
