"""A run's input, decisions and state: shared by workflows, triggers and audit."""

from enum import StrEnum
from typing import Literal

from runbooks.alert_rules import AlertMode
from runbooks.estimate import Estimate
from runbooks.loss import LossReport
from runbooks.models import Approval, Procedure, Runbook
from runbooks.plan import Loss, Plan
from runbooks.steps import Reading, State, StepResult
from runbooks.values import Model, Seconds, UnixTime


class Phase(StrEnum):
    """Where a run is."""

    CONFIRMING = "confirming"
    OBSERVING = "observing"
    PLANNING = "planning"
    AWAITING_APPROVAL = "awaiting-approval"
    RUNNING = "running"
    WAITING_FOR_PERSON = "waiting-for-person"
    UNDOING = "undoing"
    """An abort before the point of no return takes back what was done, last first."""
    AWAITING_CONFIRMATION = "awaiting-confirmation"
    """Everything has moved; unless a person confirms in time, it goes back (`commit_within`)."""
    RECORDING = "recording"
    ENDED = "ended"


class Outcome(StrEnum):
    """How a run ended."""

    RECOVERED = "recovered"
    """A failover: the system serves from elsewhere, verified."""
    COMPLETED = "completed"
    """A planned procedure: everything is where it was to be, verified."""
    SUPERSEDED = "superseded"
    """A planned procedure gave way to a real failover, which went on as the same run."""
    APPLIED_NOT_CONFIRMED = "applied-not-confirmed"
    REFUSED = "refused"
    REJECTED = "rejected"
    EXPIRED = "expired"
    ABORTED = "aborted"


class Status(StrEnum):
    """Where a step is."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    SKIPPED = "skipped"
    NOT_RUN = "not-run"
    UNDONE = "undone"


class Trigger(Model):
    """Why a run was asked for. Counted once by `id`; a second trigger joins the run."""

    id: str
    kind: Literal["person", "watch", "alert", "drill", "evacuation", "schedule", "commit-expired"]
    by: str
    at: UnixTime
    reason: str = ""
    procedure: Procedure = Procedure.FAILOVER
    source: str = ""
    target: str | None = None
    accept: tuple[str, ...] = ()
    force: bool = False
    """What else was asked for: a planned run that gives way to this failover goes on with it."""
    proof: str = ""
    """How `by` was established: `unix user 1000 on HOST`, `EVAC_ACTOR, not proved`, `slack user U012 of team T012`."""
    mode: AlertMode = "approve"
    """How the run is decided, when alerts asked for it."""


class Verdict(Model):
    """What one vantage point says of one region, and since when. `first_bad_at` = first failed probe of this spell."""

    vantage: str
    region: str
    state: State
    reason: str
    at: UnixTime
    first_bad_at: UnixTime | None = None
    failing: tuple[str, ...] = ()
    """The names of the checks that failed in the last round."""


class DecisionKind(StrEnum):
    """What a person can say to a run."""

    APPROVE = "approve"
    REJECT = "reject"
    ACCEPT = "accept"
    RETRY = "retry"
    SKIP = "skip"
    ABORT = "abort"
    HOLD = "hold"
    RESUME = "resume"
    VETO = "veto"
    """While a plan waits to go on by itself (`on_timeout: proceed`): it does not."""
    CONFIRM = "confirm"
    """What was moved stays (`commit_within`)."""


class Shown(Model):
    """What the person saw when deciding, as the door that showed it says. None: it was not shown."""

    loss: tuple[Loss, ...] = ()
    left: Seconds | None = None
    """Seconds left of the RTO."""


class Decision(Model):
    """One decision, as sent. Counted once by `id`. `checksum` names the plan (8 or more hex digits of it)."""

    id: str
    kind: DecisionKind
    by: str
    at: UnixTime
    checksum: str = ""
    step: str = ""
    reason: str = ""
    proof: str = ""
    """How `by` was established, as in Trigger."""
    groups: tuple[str, ...] = ()
    """The groups that the door proved `by` to be in, such as `slack-group:S0123` or `oidc-group:sre`."""
    shown: Shown | None = None
    only_before_return: bool = False
    """Alerts that asked for the run are over: it counts only while all can be undone, and nobody else wants the run."""


class Judged(Model):
    """A decision with the workflow's judgement: `refused` is the sentence why it does not count, or None."""

    decision: Decision
    refused: str | None = None


class RunEvent(Model):
    """One line of the run's story."""

    at: UnixTime
    text: str
    step: str = ""


class Carried(Model):
    """What a run takes along when it goes on as another one (continue-as-new): nothing is counted twice."""

    decisions: tuple[Judged, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    events: tuple[RunEvent, ...] = ()
    epoch: int = 0


class RunInput(Model):
    """All that a run of a plan needs, pinned in its history: editing a file later changes nothing."""

    runbook: Runbook
    text: str = ""
    """The YAML as it was read, for the record."""
    procedure: Procedure = Procedure.FAILOVER
    source: str
    """The region that is left: the dead one, or the one that serves now."""
    target: str | None = None
    accept: tuple[str, ...] = ()
    force: bool = False
    """Go on although the vantage points do not agree that the source is down (a person's word)."""
    trigger: Trigger
    verdicts: tuple[Verdict, ...] = ()
    """What the detector saw, when it started the run."""
    history: tuple[Reading, ...] = ()
    carried: Carried = Carried()
    drill: str = ""
    """The drill that this run is a part of (its workflow id); empty: it is meant."""
    covered_by: str = ""
    """The decision that covers this run, so that nobody is asked again (a drill's own approval, for its way home)."""


class StepState(Model):
    """A step as it stands."""

    id: str
    status: Status = Status.PENDING
    started_at: UnixTime | None = None
    ended_at: UnixTime | None = None
    result: StepResult | None = None
    error: str | None = None
    """Why it waits for a person, or why it was skipped: a sentence."""
    doing: str = ""
    """How far it is, as its last heartbeat told; never in the run's own state: whoever looks asks Temporal for it."""


class RunState(Model):
    """The run as anyone may see it at any moment (the query's answer), and its result at the end."""

    runbook: str
    procedure: Procedure
    run: str
    source: str
    target: str = ""
    phase: Phase
    outcome: Outcome | None = None
    message: str = ""
    """What is going on, or who is awaited for what, or why it ended: a sentence."""
    rto: Seconds
    rpo: Seconds
    fault_at: UnixTime | None = None
    triggered_at: UnixTime
    started_at: UnixTime
    decided_at: UnixTime | None = None
    serving_at: UnixTime | None = None
    """When everything was moved and verified; copying it anew for protection may go on after that."""
    ended_at: UnixTime | None = None
    epoch: int = 0
    plan: Plan | None = None
    checksum: str = ""
    steps: tuple[StepState, ...] = ()
    estimate: Estimate | None = None
    """How long the plan's steps took in past runs."""
    losses: tuple[LossReport, ...] = ()
    """What is lost of each data resource, as measured again and again."""
    approval: Approval | None = None
    """Who must say yes to the plan, and what happens when nobody does."""
    expires_at: UnixTime | None = None
    """When the wait for approvals ends."""
    confirm_until: UnixTime | None = None
    drill: str = ""
    triggers: tuple[Trigger, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    decisions: tuple[Judged, ...] = ()
    held: bool = False
    events: tuple[RunEvent, ...] = ()
    record: str = ""
    """Where the record is."""
