"""An alert as every source's is understood: evidence that something is wrong, never an order.

The door (`triggers/alerts/`) makes it from what a source sends; the workflow `alerts` (`evac/<runbook>/alerts`) of each
runbook that has a rule for it weighs it.
"""

from typing import Literal

from pydantic import Field

from runbooks.alert_rules import AlertMode
from runbooks.models import Procedure, Runbook
from runbooks.objection import WatchDecision
from runbooks.runs import RunEvent
from runbooks.values import Model, Seconds, UnixTime

AlertSource = Literal[
    "alertmanager",
    "grafana",
    "sns",
    "eventbridge",
    "aws-health",
    "azure-monitor",
    "google-cloud",
    "pagerduty",
    "datadog",
    "generic",
]
AlertStatus = Literal["firing", "resolved", "unknown"]
"""`unknown`: the source itself cannot tell (CloudWatch's INSUFFICIENT_DATA); it neither fires nor resolves."""


class Alert(Model):
    """One alert of one source. `key` is the same when it fires and when it resolves; `delivery` only when sent again.

    `source` is the kind of the endpoint, `name` the endpoint's own name (`POST /alerts/{source}/{name}`).
    `labels` are flat and small: what rules match (`alertname`, `severity`, `region`, `service`, ...).
    """

    source: AlertSource
    name: str
    key: str
    delivery: str
    status: AlertStatus
    at: UnixTime
    """When it began to fire, or was resolved, as the source says."""
    received_at: UnixTime
    title: str = ""
    severity: str = ""
    region: str = ""
    """As the source names it, where it does."""
    labels: dict[str, str] = Field(default_factory=dict)
    url: str = ""
    digest: str = ""
    """SHA-256 of the body as it was received, in hex."""


class AlertSignal(Model):
    """What the door hands to the workflow `alerts` of one runbook, by signal-with-start."""

    alerts: tuple[Alert, ...]
    proof: str = ""
    """How the sender was proved: `bearer token of alertmanager/prod`, `SNS signature v2 of arn:...`."""
    runbook: Runbook | None = None
    """The runbook as it was read when they came (`triggers/alarm.py` adds it): the newest text judges."""
    text: str = ""


class Standing(Model):
    """An alert that fires, as far as is known. By our clocks: a source's own may be wrong."""

    alert: Alert
    """As it was heard of last."""
    since: UnixTime
    """When it was first heard of."""
    heard_at: UnixTime
    proof: str = ""


class Evidence(Model):
    """All that is known of a runbook's alerts, by their ids (`runbooks/evidence.py`)."""

    standing: dict[str, Standing] = {}
    settled: dict[str, UnixTime] = {}
    """When those that no longer fire were resolved, as their sources say: what is older comes late."""
    seen: tuple[str, ...] = ()
    """The newest deliveries: one that is sent again is counted once."""
    counted: int = 0


class Begun(Model):
    """What was started, or joined, for a region: until none of its alerts fires any more it is not asked for again."""

    start: Procedure
    mode: AlertMode
    run: str = ""
    """The run that was started; empty: one was going."""
    stop: bool = False
    """Stop that run when all is resolved."""
    by: str = ""
    asked: int = 1
    """How often it was asked for, since nobody answered."""
    again_at: UnixTime | None = None
    """Nobody answered: from then on it is asked for again."""


class AlertsInput(Model):
    """The start of the workflow `alerts`: the runbook with its rules, and what is carried on."""

    runbook: Runbook
    text: str = ""
    evidence: Evidence = Evidence()
    pending: tuple[AlertSignal, ...] = ()
    """What arrived and was not weighed yet."""
    begun: dict[str, Begun] = {}
    """By region."""
    again: tuple[str, ...] = ()
    """The regions whose run was given back: it is asked for anew."""
    last_run: str = ""
    decisions: tuple[WatchDecision, ...] = ()
    decided: int = 0
    events: tuple[RunEvent, ...] = ()
    patience: Seconds = 300.0
    """After so long, then twice as long and so on, what nobody answered is asked for again while its alerts fire."""
    lingers: Seconds = 600.0
    """After so long without an alert that stands it ends. Until then an end is known that came before its beginning."""


class AlertsState(Model):
    """What the workflow `alerts` knows and decided, as anyone may see it, and its result."""

    runbook: str
    standing: tuple[Standing, ...] = ()
    counted: int = 0
    """How many deliveries there were in all."""
    begun: dict[str, Begun] = {}
    run: str = ""
    """The run that it started last."""
    decisions: tuple[WatchDecision, ...] = ()
    decided: int = 0
    events: tuple[RunEvent, ...] = ()
