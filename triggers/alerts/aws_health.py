"""AWS Health, by EventBridge. The event's own `region` is where it was delivered; what is hit is `detail.eventRegion`.

A backup copy comes from another region, and a long event in pages: all share the communication's id.
"""

from typing import Annotated, Literal

from pydantic import Field

from runbooks.alerts import Alert, AlertStatus
from runbooks.values import Model
from triggers.alerts.received import Received, moment, read_as

_TROUBLE = ("issue", "investigation")
"""Other categories (a notification, a planned change) are no sign of a fault."""


class Description(Model):
    """What AWS says, in one language."""

    latest: str = Field(default="", alias="latestDescription")


class Detail(Model):
    """The event."""

    arn: Annotated[str, Field(alias="eventArn", min_length=1)]
    service: str
    code: str = Field(alias="eventTypeCode")
    category: str = Field(alias="eventTypeCategory")
    scope: str = Field(default="", alias="eventScopeCode")
    region: Annotated[str, Field(alias="eventRegion", min_length=1)]
    communication: str = Field(default="", alias="communicationId")
    status: str = Field(default="", alias="statusCode")
    start: str = Field(default="", alias="startTime")
    end: str = Field(default="", alias="endTime")
    account: str = Field(default="", alias="affectedAccount")
    descriptions: tuple[Description, ...] = Field(default=(), alias="eventDescription")


class Event(Model):
    """The envelope."""

    id: Annotated[str, Field(min_length=1)]
    source: Literal["aws.health"]
    account: str
    detail: Detail


def read(received: Received) -> tuple[Alert, ...]:
    """The event."""
    return (event_of(received, received.body),)


def event_of(received: Received, text: bytes | str) -> Alert:
    """The Health event in the text."""
    event = read_as(Event, text)
    detail = event.detail
    account = detail.account or event.account
    status = _status(detail, received.at)
    when = detail.end if status == "resolved" and detail.end else detail.start
    return received.alert(
        key=f"{account}/{detail.region}/{detail.arn}",
        delivery=f"{account}/{detail.communication or event.id}",
        status=status,
        at=moment(when, received.at),
        title=detail.descriptions[0].latest if detail.descriptions else detail.code,
        severity=detail.category,
        region=detail.region,
        labels={
            "alertname": detail.code,
            "service": detail.service,
            "category": detail.category,
            "scope": detail.scope,
            "account": account,
            "region": detail.region,
        },
    )


def _status(detail: Detail, now: float) -> AlertStatus:
    if detail.status.lower() == "closed" or (detail.end and moment(detail.end, now) <= now):
        return "resolved"
    return "firing" if detail.category in _TROUBLE and detail.status.lower() != "upcoming" else "unknown"
