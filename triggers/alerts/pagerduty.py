"""PagerDuty's webhooks, version 3: incidents fire until they are resolved."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from runbooks.alerts import Alert
from runbooks.anatomy import inside
from runbooks.values import Model
from triggers.alerts.received import Received, moment, read_as


class Named(Model):
    """A reference to something of PagerDuty's."""

    id: str = ""
    summary: str = ""


class Incident(Model):
    """The incident."""

    id: Annotated[str, Field(min_length=1)]
    status: Literal["triggered", "acknowledged", "resolved"]
    title: str = ""
    urgency: str = ""
    url: str = Field(default="", alias="html_url")
    key: str | None = Field(default=None, alias="incident_key")
    service: Named = Named()
    priority: Named | None = None


class _Event(Model):
    id: Annotated[str, Field(min_length=1)]
    kind: str = Field(alias="event_type")
    occurred: str = Field(alias="occurred_at")
    data: dict[str, JsonValue]


class _Body(Model):
    event: _Event


class _IncidentEvent(Model):
    data: Incident


class _IncidentBody(Model):
    event: _IncidentEvent


def read(received: Received) -> tuple[Alert, ...]:
    """The incident; none for what is about something else: a ping, a note, a service."""
    event = read_as(_Body, received.body).event
    if inside(event.data, "type") != "incident":
        return ()
    incident = read_as(_IncidentBody, received.body).event.data
    own = {
        "alertname": incident.title,
        "service": incident.service.summary,
        "service_id": incident.service.id,
        "urgency": incident.urgency,
        "priority": incident.priority.summary if incident.priority else "",
        "incident_key": incident.key or "",
    }
    return (
        received.alert(
            key=incident.id,
            delivery=event.id,
            status="resolved" if incident.status == "resolved" else "firing",
            at=moment(event.occurred, received.at),
            title=incident.title,
            severity=own["priority"] or incident.urgency,
            labels={name: value for name, value in own.items() if value},
            url=incident.url,
        ),
    )
