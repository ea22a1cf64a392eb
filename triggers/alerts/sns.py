"""Amazon SNS: an envelope with a signature (`sns_signature.py`), and in it a CloudWatch alarm or an event."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from runbooks.alerts import Alert
from runbooks.values import Model
from triggers.alerts import aws_health, eventbridge
from triggers.alerts.eventbridge import STATUS, AlarmState
from triggers.alerts.received import Received, UnreadableError, moment, read_as

_ARN_REGION = 3
"""arn:aws:cloudwatch:REGION:account:alarm:name"""


class Envelope(Model):
    """What SNS posts. Everything in it is a text."""

    type: Literal["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"] = Field(alias="Type")
    id: Annotated[str, Field(alias="MessageId", min_length=1)]
    topic: str = Field(alias="TopicArn")
    message: str = Field(alias="Message")
    timestamp: str = Field(alias="Timestamp")
    version: Literal["1", "2"] = Field(alias="SignatureVersion")
    signature: str = Field(alias="Signature")
    certificate: str = Field(alias="SigningCertURL")
    subject: str | None = Field(default=None, alias="Subject")
    token: str = Field(default="", alias="Token")
    subscribe: str = Field(default="", alias="SubscribeURL")


class Dimension(Model):
    """What the metric is of."""

    name: str
    value: str


class Measured(Model):
    """What the alarm watches; a composite alarm has no metric."""

    namespace: str = Field(default="", alias="Namespace")
    metric: str = Field(default="", alias="MetricName")
    dimensions: tuple[Dimension, ...] = Field(default=(), alias="Dimensions")


class Alarm(Model):
    """A CloudWatch alarm. Its `Region` is a name for people, so the region is taken from the ARN."""

    name: Annotated[str, Field(alias="AlarmName", min_length=1)]
    arn: Annotated[str, Field(alias="AlarmArn", min_length=1)]
    account: str = Field(default="", alias="AWSAccountId")
    state: AlarmState = Field(alias="NewStateValue")
    reason: str = Field(default="", alias="NewStateReason")
    changed: str = Field(alias="StateChangeTime")
    measured: Measured = Field(default=Measured(), alias="Trigger")


class _Hint(Model):
    """What tells the three messages apart."""

    alarm: JsonValue = Field(default=None, alias="AlarmName")
    source: JsonValue = None


def read(received: Received) -> tuple[Alert, ...]:
    """The alarm or the event in the envelope. Confirmations of subscriptions hold none."""
    envelope = read_as(Envelope, received.body)
    if envelope.type != "Notification":
        return ()
    hint = read_as(_Hint, envelope.message)
    if hint.alarm is not None:
        alert = _alarm(received, envelope)
    elif hint.source == "aws.cloudwatch":
        alert = eventbridge.alarm(received, envelope.message)
    elif hint.source == "aws.health":
        alert = aws_health.event_of(received, envelope.message)
    else:
        message = "its message is neither a CloudWatch alarm nor an event of CloudWatch or AWS Health"
        raise UnreadableError(message)
    return (alert,)


def _alarm(received: Received, envelope: Envelope) -> Alert:
    alarm = read_as(Alarm, envelope.message)
    parts = alarm.arn.split(":")
    region = parts[_ARN_REGION] if len(parts) > _ARN_REGION else ""
    own = {
        "alertname": alarm.name,
        "account": alarm.account,
        "region": region,
        "namespace": alarm.measured.namespace,
        "metric": alarm.measured.metric,
    }
    return received.alert(
        key=alarm.arn,
        delivery=envelope.id,
        status=STATUS[alarm.state],
        at=moment(alarm.changed, received.at),
        title=f"{alarm.name}: {alarm.reason}" if alarm.reason else alarm.name,
        region=region,
        labels={name: value for name, value in own.items() if value}
        | {one.name: one.value for one in alarm.measured.dimensions if one.name not in own},
    )
