"""An alert as every source's is understood: evidence that something is wrong, never an order.

The door (`triggers/alerts/`) makes it from what a source sends; the workflow `alerts` (`evac/<runbook>/alerts`) of each
runbook that has a rule for it weighs it.
"""

from typing import Literal

from pydantic import Field

from runbooks.models import Runbook
from runbooks.values import Model, UnixTime

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


class AlertsInput(Model):
    """The start of the workflow `alerts`: the runbook with its rules, and what is carried on."""

    runbook: Runbook
    text: str = ""
    standing: tuple[Alert, ...] = ()
    """The alerts that are firing, as carried over from the run before."""
    seen: tuple[str, ...] = ()
    """The newest deliveries, so that one that is sent again is counted once."""
    pending: tuple[AlertSignal, ...] = ()
    """What arrived and was not weighed yet."""
