"""The detector's input, questions and state: shared by the watch workflow, its activities and whoever looks at it."""

from runbooks.models import Runbook
from runbooks.objection import WatchDecision
from runbooks.runs import RunEvent, Verdict
from runbooks.steps import Reading, State
from runbooks.values import Model, UnixTime


class WatchInput(Model):
    """Arm the detector of one runbook. `start_failover=False` only reports what it sees."""

    runbook: Runbook
    text: str = ""
    start_failover: bool = True
    accept: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    """What was seen before this leg of the watch (it continues as a new run from time to time)."""
    started_for: tuple[str, ...] = ()
    """The regions for which a run was started and that have not been healthy since."""
    again: tuple[str, ...] = ()
    """Of those that were given back: a run for them is asked for anew."""
    last_run: str = ""
    standing: dict[str, UnixTime] = {}
    """The regions that a quorum calls down, and since when."""
    history: tuple[Reading, ...] = ()
    decisions: tuple[WatchDecision, ...] = ()
    decided: int = 0
    events: tuple[RunEvent, ...] = ()


class WatchCall(Model):
    """Ask one vantage point to probe until a region's state differs from `known`."""

    runbook: Runbook
    vantage: str
    known: dict[str, State] = {}


class WatchReport(Model):
    """What the vantage point sees now, and the last good readings of the data resources."""

    verdicts: tuple[Verdict, ...]
    history: tuple[Reading, ...] = ()


class WatchState(Model):
    """The detector as anyone may see it."""

    runbook: str
    verdicts: tuple[Verdict, ...] = ()
    events: tuple[RunEvent, ...] = ()
    run: str = ""
    """The run that it started last."""
    decisions: tuple[WatchDecision, ...] = ()
    """The newest decisions with their reasons, oldest first."""
    decided: int = 0
    """How many decisions there were in all."""
