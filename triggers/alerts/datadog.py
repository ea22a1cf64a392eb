"""Datadog's webhooks have no form of their own: its users paste `TEMPLATE` as the payload."""

from typing import Annotated

from pydantic import Field

from runbooks.alerts import Alert, AlertStatus
from runbooks.values import Model
from triggers.alerts.received import Received, UnreadableError, moment_of, read_as

TEMPLATE = """\
{
  "id": "$ID",
  "alert_id": "$ALERT_ID",
  "cycle": "$ALERT_CYCLE_KEY",
  "transition": "$ALERT_TRANSITION",
  "at": "$DATE",
  "priority": "$ALERT_PRIORITY",
  "scope": "$ALERT_SCOPE",
  "title": "$EVENT_TITLE",
  "link": "$LINK",
  "tags": "$TAGS"
}
"""
_STATUS: dict[str, AlertStatus] = {
    "triggered": "firing",
    "re-triggered": "firing",
    "renotify": "firing",
    "warn": "firing",
    "re-warn": "firing",
    "recovered": "resolved",
}
"""`No Data`, and anything that is not known here, says nothing."""


class Body(Model):
    """The template, filled in. The cycle's key links what is triggered to its recovery."""

    id: Annotated[str, Field(min_length=1)]
    alert_id: str = ""
    cycle: Annotated[str, Field(min_length=1)]
    transition: str
    at: str = ""
    priority: str = ""
    scope: str = ""
    title: str = ""
    link: str = ""
    tags: str = ""


def read(received: Received) -> tuple[Alert, ...]:
    """The monitor's alert."""
    body = read_as(Body, received.body)
    if body.cycle.startswith("$"):
        message = "Datadog has not filled the template in, as in a test message: `$ALERT_CYCLE_KEY` stands there itself"
        raise UnreadableError(message)
    tags = dict(_tag(text) for text in f"{body.scope},{body.tags}".split(",") if ":" in text)
    own = {"alertname": body.title, "monitor": body.alert_id, "transition": body.transition}
    return (
        received.alert(
            key=body.cycle,
            delivery=body.id,
            status=_STATUS.get(body.transition.lower(), "unknown"),
            at=moment_of(body.at, received.at),
            title=body.title,
            severity=body.priority,
            region=tags.get("region", ""),
            labels={**tags, **{name: value for name, value in own.items() if value}},
            url=body.link,
        ),
    )


def _tag(text: str) -> tuple[str, str]:
    name, _, value = text.strip().partition(":")
    return name, value
