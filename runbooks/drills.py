"""A drill: what it is asked, and what anyone may see of it. `verdict.py` judges it."""

from enum import StrEnum
from typing import Literal

from runbooks.models import Procedure, Role, Runbook
from runbooks.plan import Loss
from runbooks.runs import Judged, Outcome, RunEvent, Trigger
from runbooks.values import Model, Seconds, UnixTime

GOOD = frozenset({Outcome.COMPLETED, Outcome.RECOVERED})
"""The outcomes of a run that went through and was verified."""
Mode = Literal["full", "isolated"]
LegName = Literal["out", "home", "rehearsal"]


class DrillPhase(StrEnum):
    """Where a drill is."""

    OUT = "out"
    SOAK = "soak"
    HOME = "home"
    REHEARSAL = "rehearsal"
    ENDED = "ended"


class DrillOutcome(StrEnum):
    """How a drill ended."""

    PASSED = "passed"
    FAILED = "failed"
    REFUSED = "refused"
    """Nothing was moved."""
    ABORTED = "aborted"
    TURNED = "turned-into-failover"
    """Disaster struck: it became the real failover, and nothing is moved home."""


class DrillInput(Model):
    """What a drill needs. `mode` and `soak` None: as the policy says; `source` None: the region that is active."""

    runbook: Runbook
    text: str = ""
    mode: Mode | None = None
    soak: Seconds | None = None
    source: str | None = None
    target: str | None = None
    accept: tuple[str, ...] = ()
    trigger: Trigger

    @property
    def the_mode(self) -> Mode:
        """As asked for, else as the policy says."""
        return self.mode or self.runbook.policy.drill.mode

    @property
    def the_soak(self) -> Seconds:
        """As asked for, else as the policy says."""
        return self.runbook.policy.drill.soak if self.soak is None else self.soak

    @property
    def home(self) -> str:
        """The region that is left and come back to: as asked for, else the first active one."""
        active = (name for name, region in self.runbook.regions.items() if region.role == Role.ACTIVE)
        return self.source or next(active, next(iter(self.runbook.regions)))


class Leg(Model):
    """One run of the drill. Times are measured from its steps; None: they could not be."""

    name: LegName
    procedure: Procedure
    source: str
    target: str = ""
    run: str = ""
    outcome: Outcome | None = None
    message: str = ""
    record: str = ""
    recovery: Seconds | None = None
    """From the request to the last verification through the public name."""
    decided: Seconds | None = None
    """How much of that passed before the plan was decided: looking, planning, and people."""
    without_writes: Seconds | None = None
    """From the beginning of the fence to that verification."""
    losses: tuple[Loss, ...] = ()
    """As measured afterwards, of each data resource."""
    promoted: tuple[str, ...] = ()
    """The stores whose writer was moved."""
    whole: tuple[str, ...] = ()
    """Those of them that had everything before they took over: nothing can be lost of them."""
    proofs: tuple[str, ...] = ()
    """What the rehearsals said."""


class Soak(Model):
    """How the system did away from home: rounds of the public checks, from the vantage points."""

    planned: Seconds
    began_at: UnixTime
    ended_at: UnixTime | None = None
    rounds: int = 0
    bad: int = 0
    unknown: int = 0
    """Rounds in which no vantage point answered."""
    sentences: tuple[str, ...] = ()


class DrillReport(Model):
    """The verdict."""

    passed: bool
    sentences: tuple[str, ...]
    rto: Seconds
    rpo: Seconds
    recovery: Seconds | None = None
    without_writes: Seconds | None = None
    losses: tuple[Loss, ...] = ()


class DrillState(Model):
    """The drill as anyone may see it (the query's answer), and its result."""

    runbook: str
    run: str
    mode: Mode
    phase: DrillPhase
    outcome: DrillOutcome | None = None
    message: str = ""
    source: str
    target: str = ""
    soak_until: UnixTime | None = None
    started_at: UnixTime
    ended_at: UnixTime | None = None
    legs: tuple[Leg, ...] = ()
    soak: Soak | None = None
    report: DrillReport | None = None
    decisions: tuple[Judged, ...] = ()
    events: tuple[RunEvent, ...] = ()
    record: str = ""
