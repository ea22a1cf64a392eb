"""Google Cloud Monitoring: an incident, by webhook or in the envelope of a Pub/Sub push."""

import base64
import binascii
from typing import Annotated

from pydantic import Field, JsonValue

from runbooks.alerts import Alert
from runbooks.values import Model
from triggers.alerts.received import Received, UnreadableError, moment_of, read_as, texts


class Message(Model):
    """What Pub/Sub carries; its id is the same when it is sent again."""

    data: str
    id: Annotated[str, Field(alias="messageId", min_length=1)]


class _Envelope(Model):
    message: Message | None = None


class Monitored(Model):
    """What the incident is about."""

    type: str = ""
    labels: dict[str, JsonValue] = {}


class Incident(Model):
    """One incident: open or closed, in whatever case. `ended_at` is null or 0 while it is open."""

    id: Annotated[str, Field(alias="incident_id", min_length=1)]
    project: str = Field(default="", alias="scoping_project_id")
    url: str = ""
    state: str
    started: JsonValue = Field(default=None, alias="started_at")
    ended: JsonValue = Field(default=None, alias="ended_at")
    policy: str = Field(default="", alias="policy_name")
    condition: str = Field(default="", alias="condition_name")
    severity: str | None = None
    summary: str = ""
    resource: Monitored = Monitored()
    user_labels: dict[str, JsonValue] = Field(default={}, alias="policy_user_labels")


class Body(Model):
    """What Cloud Monitoring sends."""

    version: str
    incident: Incident


def read(received: Received) -> tuple[Alert, ...]:
    """The incident."""
    envelope = read_as(_Envelope, received.body)
    carried = envelope.message
    incident = read_as(Body, received.body if carried is None else _unpacked(carried)).incident
    state = incident.state.lower()
    if state not in ("open", "closed"):
        message = f"`incident.state` must be open or closed, not `{incident.state}`"
        raise UnreadableError(message)
    closed = state == "closed"
    ended = incident.ended if closed else None
    at = moment_of(ended, received.at) if closed else moment_of(incident.started, received.at)
    labels = {**texts(incident.resource.labels), **texts(incident.user_labels)}
    region = _region(labels)
    own = {"alertname": incident.policy, "condition": incident.condition, "project": incident.project, "region": region}
    return (
        received.alert(
            key=incident.id,
            delivery=carried.id if carried else f"{incident.id}/{state}/{ended or ''}",
            status="resolved" if closed else "firing",
            at=at,
            title=incident.summary or incident.policy,
            severity=incident.severity or "",
            region=region,
            labels={**labels, **{name: value for name, value in own.items() if value}},
            url=incident.url,
        ),
    )


def _unpacked(message: Message) -> bytes:
    try:
        return base64.b64decode(message.data, validate=True)
    except binascii.Error:
        text = "`message.data` is no base64"
        raise UnreadableError(text) from None


def _region(labels: dict[str, str]) -> str:
    """The region, or the one that the zone is in."""
    return labels.get("region") or labels.get("location") or labels.get("zone", "").rpartition("-")[0]
