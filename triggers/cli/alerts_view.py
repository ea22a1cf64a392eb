"""What weighs a runbook's alerts, as a picture. Pure."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from runbooks.alerts import AlertsState
from runbooks.durations import duration
from runbooks.evidence import endpoint, title
from runbooks.objection import Action, WatchDecision
from runbooks.words import clean
from triggers.cli.frame import BAD, DOUBTFUL, GOOD, Row, rows
from triggers.cli.view import event_table
from triggers.cli.watching import told

_EVENTS = 8
_SAID: dict[Action, tuple[str, str]] = {
    "started": ("STARTED a run", GOOD),
    "joined": ("JOINED the run that is going", GOOD),
    "vetoed": ("VETOED, nothing is started", BAD),
    "dwelling": ("WAITING before anything is started", DOUBTFUL),
    "reported": ("OVER", "dim"),
    "nothing": ("nothing is done", "dim"),
}


def alerts_view(state: AlertsState, now: float) -> RenderableType:
    """What stands, what was decided last of each region and why, and the newest of the story."""
    heard = f"{state.counted} deliver{'y' if state.counted == 1 else 'ies'} so far"
    parts: list[RenderableType] = [Text.assemble((state.runbook, "bold"), f"  {_firing(state)}, {heard}")]
    if state.standing:
        parts.append(_standing(state, now))
    decided = _last(state)
    if decided:
        parts += [Text(), rows(_decided(one, now) for one in decided)]
    if state.events:
        newest = state.events[-_EVENTS:]
        parts += [Text(), event_table(newest, newest[0].at)]
    if state.run:
        parts.append(Text(f"last run started: {state.run}", style="dim"))
    return Group(*parts)


def alerts_line(state: AlertsState, now: float) -> str:
    """What stands, and what was decided last, in one line."""
    decided = [f"{label}: {clean(said)}" for label, said, _ in (_decided(one, now) for one in _last(state))]
    return "; ".join((_firing(state), *decided))


def _firing(state: AlertsState) -> str:
    count = len(state.standing)
    return f"{count or 'no'} alert{'' if count == 1 else 's'} firing"


def _last(state: AlertsState) -> list[WatchDecision]:
    """What was decided last of each region."""
    last = {decision.region: decision for decision in state.decisions}
    return sorted(last.values(), key=lambda decision: decision.region)


def _decided(one: WatchDecision, now: float) -> Row:
    said, style = _SAID[one.action]
    return one.region, told(one, now, said), style


def _standing(state: AlertsState, now: float) -> RenderableType:
    table = Table.grid(padding=(0, 2), expand=True)
    for ratio in (None, None, None, 1):
        table.add_column(ratio=ratio, no_wrap=ratio is None)
    table.add_row(*(Text(name, style="dim") for name in ("endpoint", "firing for", "severity", "what")))
    for one in sorted(state.standing, key=lambda one: one.since):
        age = duration(now - one.since)
        what = Text(clean(title(one.alert)))
        table.add_row(clean(endpoint(one.alert)), age, Text(clean(one.alert.severity) or "-"), what)
    return table
