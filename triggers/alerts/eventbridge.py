"""Amazon EventBridge: the event "CloudWatch Alarm State Change", through an API destination."""

from typing import Annotated, Literal

from pydantic import Field

from runbooks.alerts import Alert, AlertStatus
from runbooks.values import Model
from triggers.alerts.received import Received, moment, read_as

STATUS: dict[str, AlertStatus] = {"ALARM": "firing", "OK": "resolved", "INSUFFICIENT_DATA": "unknown"}
"""Without data nobody knows: that resolves nothing."""

AlarmState = Literal["ALARM", "OK", "INSUFFICIENT_DATA"]


class State(Model):
    """The alarm's state and why."""

    value: AlarmState
    reason: str = ""
    timestamp: str = ""


class Detail(Model):
    """The alarm."""

    name: Annotated[str, Field(alias="alarmName", min_length=1)]
    state: State


class Event(Model):
    """The event."""

    id: Annotated[str, Field(min_length=1)]
    kind: Literal["CloudWatch Alarm State Change"] = Field(alias="detail-type")
    source: Literal["aws.cloudwatch"]
    account: str
    region: str
    time: str
    resources: Annotated[tuple[str, ...], Field(min_length=1)]
    """The alarm's ARN."""
    detail: Detail


def read(received: Received) -> tuple[Alert, ...]:
    """The alarm."""
    return (alarm(received, received.body),)


def alarm(received: Received, text: bytes | str) -> Alert:
    """The alarm of the event in the text."""
    event = read_as(Event, text)
    state = event.detail.state
    changed = state.timestamp or event.time
    return received.alert(
        key=event.resources[0],
        delivery=event.id,
        status=STATUS[state.value],
        at=moment(changed, received.at),
        title=f"{event.detail.name}: {state.reason}" if state.reason else event.detail.name,
        region=event.region,
        labels={"alertname": event.detail.name, "account": event.account, "region": event.region},
    )
