"""Alerts and rules for the tests of evidence."""

from typing import Any

from runbooks.alert_rules import AlertRule
from runbooks.alerts import Alert, Evidence
from runbooks.evidence import heard
from runbooks.load import loads
from runbooks.models import Runbook
from tests.runbooks.documents import SMALL

REGION = "us-east-1"


def alert(status: str = "firing", at: float = 100.0, **changes: Any) -> Alert:
    """One delivery of Prometheus' alert about a region."""
    labels = {"alertname": "RegionDown", "region": REGION, "severity": "critical"}
    document = {
        "source": "alertmanager",
        "name": "prod",
        "key": "k1",
        "delivery": f"{status}-{at}",
        "status": status,
        "at": at,
        "received_at": at + 1,
        "title": "RegionDown",
        "severity": "critical",
        "labels": labels,
        **changes,
    }
    return Alert.model_validate(document)


def rule(**changes: Any) -> AlertRule:
    """The rule of the example."""
    document = {"alert": "alertmanager", "match": {"alertname": "RegionDown"}, "from": "{labels.region}", **changes}
    return AlertRule.model_validate(document)


def book(*rules: AlertRule) -> Runbook:
    """The small runbook, listening."""
    return loads(SMALL).runbook.model_copy(update={"triggers": rules or (rule(),)})


def told(*alerts: Alert) -> Evidence:
    """What is known after these deliveries."""
    known = Evidence()
    for one in alerts:
        known = heard(known, one)
    return known
