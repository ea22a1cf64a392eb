"""What a run asks of its workers besides its steps: a plan, who writes, what stands against it, and its record."""

from runbooks.estimate import Estimate
from runbooks.models import Runbook
from runbooks.plan import Plan
from runbooks.runs import RunInput, RunState
from runbooks.steps import Reading
from runbooks.values import Model, UnixTime


class PlanCall(Model):
    """Ask for the plan of the request's procedure, from recorded readings."""

    request: RunInput
    readings: tuple[Reading, ...] = ()
    at: UnixTime
    fault_at: UnixTime | None = None


class PlanAnswer(Model):
    """The plan, or the sentence why there is none. `checksum` is the plan's own."""

    plan: Plan | None = None
    checksum: str = ""
    error: str | None = None
    estimate: Estimate | None = None


class WritersCall(Model):
    """Ask one vantage point who takes writes of these data resources."""

    runbook: Runbook
    vantage: str
    resources: tuple[str, ...]


class WritersReport(Model):
    """The readings of each resource in each region, as seen from the vantage point."""

    vantage: str
    readings: tuple[Reading, ...] = ()


class GateCall(Model):
    """Ask what stands against a run, or against its next step that cannot be undone."""

    runbook: str
    workflow_id: str
    run_id: str
    past: bool = True
    """Also ask how the last run ended; between two steps only the kill switch matters."""


class GateAnswer(Model):
    """`kill_switch` is the sentence of whoever engaged it, or None. `last_*` tell of the runbook's last ended run."""

    kill_switch: str | None = None
    last_ended_at: UnixTime | None = None
    last_changed: bool = False
    """It had changed something."""


class RecordCall(Model):
    """Ask for the run's record to be written."""

    state: RunState
    text: str = ""
    workflow_id: str
    run_id: str


class RecordAnswer(Model):
    """Where the record was written."""

    location: str
