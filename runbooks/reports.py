"""What the procedures made of other runs have in common: their record, and what they ask of the house."""

from pydantic import JsonValue

from runbooks.models import Procedure, Runbook
from runbooks.runs import RunEvent, RunState
from runbooks.steps import StepCall, StepResult
from runbooks.values import Model, Seconds, UnixTime


class ReportCall(Model):
    """Ask for the record of a drill, a restore test, a readiness report or an evacuation to be written.

    `subject` is the runbook's name, or the region of an evacuation; `report` is the whole state at the end.
    """

    procedure: Procedure
    subject: str
    workflow_id: str
    run_id: str
    started_at: UnixTime
    ended_at: UnixTime
    passed: bool
    mode: str = ""
    runbook_checksum: str = ""
    text: str = ""
    report: dict[str, JsonValue] = {}
    events: tuple[RunEvent, ...] = ()


class PastCall(Model):
    """Ask when each procedure of the runbook was last proved, by the records on this worker."""

    runbook: str


class Proof(Model):
    """One report that was kept. `checksum` is that of the runbook as it was then; `mode` a drill's."""

    ended_at: UnixTime
    passed: bool
    mode: str = ""
    checksum: str = ""
    record: str = ""


class Past(Model):
    """The newest good report of each procedure, and the newest of all, good or not."""

    good: dict[Procedure, Proof] = {}
    newest: dict[Procedure, Proof] = {}


class GoingCall(Model):
    """Ask which run goes under a workflow id."""

    workflow_id: str


class Going(Model):
    """The newest run under that id: `kind` is its workflow type (`failover`, ...); empty when there never was one."""

    open: bool = False
    kind: str = ""
    run: str = ""


class FollowCall(Model):
    """Ask to wait for the end of a run that somebody else started."""

    workflow_id: str


class Followed(Model):
    """How it ended; `sentence` says why there is no state (it was closed from outside)."""

    state: RunState | None = None
    sentence: str = ""


class SecretsCall(Model):
    """Ask a worker whether it can resolve every secret that the runbook refers to."""

    runbook: Runbook


class SecretsReport(Model):
    """The references, never the values: `missing` says of each why it cannot be used on that worker."""

    found: tuple[str, ...] = ()
    missing: dict[str, str] = {}


class PollersCall(Model):
    """Ask whether workers listen on these task queues."""

    queues: tuple[str, ...]


class PollersReport(Model):
    """Seconds since a live worker last polled each queue; None: no worker does."""

    ages: dict[str, Seconds | None] = {}


class PublicCall(Model):
    """Ask one vantage point whether these checks (their read-only twins) hold as seen from there."""

    vantage: str
    calls: tuple[StepCall, ...]


class PublicReport(Model):
    """One result for each call, in their order; `proved=False` is a check that does not hold."""

    vantage: str
    results: tuple[StepResult, ...] = ()
