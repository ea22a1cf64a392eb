"""What each source sends, made from its documentation: the same alert when it fires and when it is resolved."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

TOKEN = "correct horse"
ACCOUNT = "123456789012"
ALARM = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:region-down"
FIRED, ENDED = "2026-11-25T00:00:00Z", "2026-11-25T00:10:00Z"
FIRED_AT, ENDED_AT = 1795564800.0, 1795565400.0

Payload = dict[str, Any]


def changed(payload: Payload, *path: str | int, to: JsonValue) -> Payload:
    """The payload with another value at that place."""
    copy = deepcopy(payload)
    node: Any = copy
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = to
    return copy


def bearer(_body: bytes) -> dict[str, str]:
    """A bearer token."""
    return {"Authorization": f"Bearer {TOKEN}"}


def basic(_body: bytes) -> dict[str, str]:
    """A user and a password."""
    return {"Authorization": "Basic " + base64.b64encode(f"evac:{TOKEN}".encode()).decode()}


def key(_body: bytes) -> dict[str, str]:
    """A header of its own."""
    return {"X-Evac-Key": TOKEN}


def hex_hmac(body: bytes) -> str:
    """The signature of the body."""
    return hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Sample:
    """A source: how it is declared, what it sends, and what is made of it."""

    source: str
    auth: Payload
    firing: Payload
    resolved: Payload
    proof: Callable[[bytes], dict[str, str]]
    alert: Payload
    """What the alert must hold, when it fires."""
    missing: tuple[str | int, ...]
    """Without this it is not to be understood."""
    mapping: Payload | None = None

    @property
    def endpoint(self) -> Payload:
        """As the server's file declares it."""
        mapping = {} if self.mapping is None else {"mapping": self.mapping}
        return {"source": self.source, "name": "prod", "auth": self.auth, **mapping}


_PROMETHEUS_ITEM = {
    "status": "firing",
    "labels": {"alertname": "RegionDown", "severity": "critical", "region": "us-east-1"},
    "annotations": {"summary": "us-east-1 does not answer"},
    "startsAt": FIRED,
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "https://prometheus.example/graph",
    "fingerprint": "c4a1d2e3f4a5b6c7",
}
_ALERTMANAGER = {
    "version": "4",
    "groupKey": '{}:{alertname="RegionDown"}',
    "truncatedAlerts": 0,
    "status": "firing",
    "receiver": "evac",
    "groupLabels": {"alertname": "RegionDown"},
    "commonLabels": {"alertname": "RegionDown"},
    "commonAnnotations": {},
    "externalURL": "https://alertmanager.example",
    "notification_reason": "new",
    "alerts": [_PROMETHEUS_ITEM],
}
_GRAFANA = {
    **_ALERTMANAGER,
    "version": "1",
    "orgId": 1,
    "title": "[FIRING:1] RegionDown",
    "state": "alerting",
    "message": "**Firing**",
    "alerts": [
        {
            **_PROMETHEUS_ITEM,
            "values": {"A": 1.5},
            "valueString": "[ var='A' value=1.5 ]",
            "silenceURL": "https://grafana.example/silence",
            "dashboardURL": "https://grafana.example/d/1",
            "panelURL": "https://grafana.example/d/1?viewPanel=2",
            "imageURL": "",
        }
    ],
}
_CLOUDWATCH = {
    "AlarmName": "region-down",
    "AlarmDescription": None,
    "AWSAccountId": ACCOUNT,
    "NewStateValue": "ALARM",
    "NewStateReason": "Threshold Crossed",
    "StateChangeTime": "2026-11-25T00:00:00.000+0000",
    "Region": "US East (N. Virginia)",
    "AlarmArn": ALARM,
    "OldStateValue": "OK",
    "Trigger": {
        "MetricName": "HealthyHostCount",
        "Namespace": "AWS/ApplicationELB",
        "Dimensions": [{"value": "app/llm/1", "name": "LoadBalancer"}],
        "Threshold": 1.0,
    },
}
_SNS = {
    "Type": "Notification",
    "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    "TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms",
    "Subject": "ALARM: region-down",
    "Message": json.dumps(_CLOUDWATCH),
    "Timestamp": FIRED,
    "SignatureVersion": "2",
    "Signature": "",
    "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem",
    "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=x",
}
_EVENTBRIDGE = {
    "version": "0",
    "id": "c4c1c1c9-6542-e61b-6ef0-8c4d36933a92",
    "detail-type": "CloudWatch Alarm State Change",
    "source": "aws.cloudwatch",
    "account": ACCOUNT,
    "time": FIRED,
    "region": "us-east-1",
    "resources": [ALARM],
    "detail": {
        "alarmName": "region-down",
        "configuration": {"metrics": []},
        "previousState": {"value": "OK"},
        "state": {"value": "ALARM", "reason": "Threshold Crossed", "timestamp": "2026-11-25T00:00:00.000+0000"},
    },
}
_HEALTH = {
    "version": "0",
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "detail-type": "AWS Health Event",
    "source": "aws.health",
    "account": ACCOUNT,
    "time": FIRED,
    "region": "us-west-2",
    "resources": [],
    "detail": {
        "eventArn": "arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/1",
        "service": "EC2",
        "eventTypeCode": "AWS_EC2_OPERATIONAL_ISSUE",
        "eventTypeCategory": "issue",
        "eventScopeCode": "PUBLIC",
        "communicationId": "01b0993207d81a09dcd552ebd1e633e36cf1f09a-1",
        "startTime": "Wed, 25 Nov 2026 00:00:00 GMT",
        "lastUpdatedTime": "Wed, 25 Nov 2026 00:01:00 GMT",
        "statusCode": "open",
        "eventRegion": "us-east-1",
        "eventDescription": [{"language": "en_US", "latestDescription": "Increased error rates"}],
        "page": "1",
        "totalPages": "1",
        "affectedAccount": ACCOUNT,
    },
}
_AZURE = {
    "schemaId": "azureMonitorCommonAlertSchema",
    "data": {
        "essentials": {
            "alertId": "/subscriptions/1/providers/Microsoft.AlertsManagement/alerts/a",
            "alertRule": "region-down",
            "severity": "Sev0",
            "signalType": "Metric",
            "monitorCondition": "Fired",
            "monitoringService": "Platform",
            "alertTargetIDs": ["/subscriptions/1/resourcegroups/llm/providers/x/y"],
            "originAlertId": "1_2",
            "firedDateTime": FIRED,
            "description": "no healthy backend",
            "essentialsVersion": "1.0",
            "alertContextVersion": "1.0",
        },
        "alertContext": {"conditionType": "SingleResourceMultipleMetricCriteria"},
        "customProperties": {"region": "us-east-1", "tier": 1},
    },
}
_GOOGLE = {
    "version": "1.2",
    "incident": {
        "incident_id": "0.opqiw61fsv7p",
        "scoping_project_id": "llm-prod",
        "url": "https://console.cloud.google.com/monitoring/alerting/incidents/0.opqiw61fsv7p",
        "state": "open",
        "started_at": int(FIRED_AT),
        "ended_at": None,
        "policy_name": "RegionDown",
        "condition_name": "no backend",
        "severity": "Critical",
        "summary": "no backend in us-east1",
        "resource": {"type": "gce_instance", "labels": {"zone": "us-east1-b", "instance_id": "11235"}},
        "observed_value": "1.0",
        "threshold_value": "0",
        "documentation": {"content": "", "mime_type": "text/markdown"},
    },
}
_PAGERDUTY = {
    "event": {
        "id": "01CH754SM17TWPE2V2H4VPBRO7",
        "event_type": "incident.triggered",
        "resource_type": "incident",
        "occurred_at": FIRED,
        "agent": None,
        "client": None,
        "data": {
            "id": "PGR0VU2",
            "type": "incident",
            "self": "https://api.pagerduty.com/incidents/PGR0VU2",
            "html_url": "https://acme.pagerduty.com/incidents/PGR0VU2",
            "number": 2,
            "status": "triggered",
            "incident_key": "d3640fbd41094207a1c11e58e46b1662",
            "title": "us-east-1 does not answer",
            "service": {"id": "PF9KMXH", "summary": "llm-platform", "type": "service_reference"},
            "priority": {"id": "PSO75BM", "summary": "P1", "type": "priority_reference"},
            "urgency": "high",
        },
    }
}
_DATADOG = {
    "id": "7349",
    "alert_id": "42",
    "cycle": "15863724938",
    "transition": "Triggered",
    "at": str(int(FIRED_AT * 1000)),
    "priority": "P1",
    "scope": "region:us-east-1",
    "title": "RegionDown",
    "link": "https://app.datadoghq.com/event/1",
    "tags": "env:prod,team:sre-ai,monitor",
}
_GENERIC = {"event": {"id": "e-1", "hosts": ["h1"]}, "state": "open", "at": FIRED, "where": {"the region": "us-east-1"}}

SAMPLES = (
    Sample(
        "alertmanager",
        {"bearer": "env://EVAC_TEST_TOKEN"},
        _ALERTMANAGER,
        changed(_ALERTMANAGER, "alerts", to=[{**_PROMETHEUS_ITEM, "status": "resolved", "endsAt": ENDED}]),
        bearer,
        {
            "key": "c4a1d2e3f4a5b6c7",
            "title": "us-east-1 does not answer",
            "severity": "critical",
            "region": "us-east-1",
            "labels": {"alertname": "RegionDown", "severity": "critical", "region": "us-east-1"},
            "url": "https://prometheus.example/graph",
        },
        ("alerts", 0, "fingerprint"),
    ),
    Sample(
        "grafana",
        {"hmac": {"secret": "env://EVAC_TEST_TOKEN"}},
        _GRAFANA,
        changed(changed(_GRAFANA, "alerts", 0, "status", to="resolved"), "alerts", 0, "endsAt", to=ENDED),
        lambda body: {"X-Grafana-Alerting-Signature": hex_hmac(body)},
        {"key": "c4a1d2e3f4a5b6c7", "region": "us-east-1", "url": "https://grafana.example/d/1?viewPanel=2"},
        ("orgId",),
    ),
    Sample(
        "eventbridge",
        {"header": {"name": "X-Evac-Key", "secret": "env://EVAC_TEST_TOKEN"}},
        _EVENTBRIDGE,
        changed(changed(_EVENTBRIDGE, "detail", "state", to={"value": "OK", "timestamp": ENDED}), "id", to="c4c1-2"),
        key,
        {"key": ALARM, "region": "us-east-1", "title": "region-down: Threshold Crossed"},
        ("resources",),
    ),
    Sample(
        "aws-health",
        {"header": {"name": "X-Evac-Key", "secret": "env://EVAC_TEST_TOKEN"}},
        _HEALTH,
        changed(
            _HEALTH,
            "detail",
            to={
                **_HEALTH["detail"],  # type: ignore[dict-item]
                "statusCode": "closed",
                "endTime": "Wed, 25 Nov 2026 00:10:00 GMT",
                "communicationId": "2",
            },
        ),
        key,
        {
            "key": f"{ACCOUNT}/us-east-1/arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/1",
            "delivery": f"{ACCOUNT}/01b0993207d81a09dcd552ebd1e633e36cf1f09a-1",
            "region": "us-east-1",
            "title": "Increased error rates",
        },
        ("detail", "eventRegion"),
    ),
    Sample(
        "azure-monitor",
        {"query": {"name": "code", "secret": "env://EVAC_TEST_TOKEN"}},
        _AZURE,
        changed(
            changed(_AZURE, "data", "essentials", "monitorCondition", to="Resolved"),
            *("data", "essentials", "resolvedDateTime"),
            to=ENDED,
        ),
        lambda _body: {},
        {"severity": "Sev0", "region": "us-east-1", "title": "no healthy backend"},
        ("data", "essentials", "alertId"),
    ),
    Sample(
        "google-cloud",
        {"basic": {"user": "evac", "password": "env://EVAC_TEST_TOKEN"}},
        _GOOGLE,
        changed(changed(_GOOGLE, "incident", "state", to="CLOSED"), "incident", "ended_at", to=int(ENDED_AT)),
        basic,
        {"key": "0.opqiw61fsv7p", "region": "us-east1", "severity": "Critical"},
        ("incident", "state"),
    ),
    Sample(
        "pagerduty",
        {"hmac": {"secret": "env://EVAC_TEST_TOKEN"}},
        _PAGERDUTY,
        changed(
            changed(changed(_PAGERDUTY, "event", "data", "status", to="resolved"), "event", "occurred_at", to=ENDED),
            *("event", "id"),
            to="01CH-2",
        ),
        lambda body: {"X-PagerDuty-Signature": f"v1={'0' * 64}, v1={hex_hmac(body)}"},
        {
            "key": "PGR0VU2",
            "delivery": "01CH754SM17TWPE2V2H4VPBRO7",
            "severity": "P1",
            "url": "https://acme.pagerduty.com/incidents/PGR0VU2",
        },
        ("event", "occurred_at"),
    ),
    Sample(
        "datadog",
        {"header": {"name": "X-Evac-Key", "secret": "env://EVAC_TEST_TOKEN"}},
        _DATADOG,
        {**_DATADOG, "transition": "Recovered", "id": "7350", "at": str(int(ENDED_AT * 1000))},
        key,
        {"key": "15863724938", "region": "us-east-1", "severity": "P1", "title": "RegionDown"},
        ("cycle",),
    ),
    Sample(
        "generic",
        {"bearer": "env://EVAC_TEST_TOKEN"},
        _GENERIC,
        {**_GENERIC, "state": "closed", "at": ENDED},
        bearer,
        {"key": "e-1", "region": "us-east-1", "labels": {"host": "h1"}},
        ("event", "id"),
        {
            "key": "$.event.id",
            "status": "$.state",
            "firing": ["open"],
            "resolved": ["closed"],
            "at": "$.at",
            "region": '$.where["the region"]',
            "labels": {"host": "$.event.hosts[0]", "absent": "$.event.hosts[7].name"},
        },
    ),
)
"""All but SNS, which signs with a key of its own (`test_sns.py`)."""

SNS = _SNS
CLOUDWATCH = _CLOUDWATCH
HEALTH = _HEALTH
EVENTBRIDGE = _EVENTBRIDGE
GOOGLE = _GOOGLE
PAGERDUTY = _PAGERDUTY
DATADOG = _DATADOG
ALERTMANAGER = _ALERTMANAGER


@dataclass
class Wire:
    """A request as it goes over the wire."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


def wire(sample: Sample, payload: Payload | bytes) -> Wire:
    """The payload, proved as the source proves itself."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Wire(body, sample.proof(body), {"code": TOKEN} if "query" in sample.auth else {})
