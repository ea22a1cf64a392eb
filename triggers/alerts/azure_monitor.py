"""Azure Monitor's common alert schema (action group, webhook). It names no region: see `_region`."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from runbooks.alerts import Alert
from runbooks.anatomy import inside
from runbooks.values import Model
from triggers.alerts.received import Received, moment, read_as, texts


class Essentials(Model):
    """What every alert has."""

    id: Annotated[str, Field(alias="alertId", min_length=1)]
    rule: str = Field(alias="alertRule")
    severity: str = ""
    signal: str = Field(default="", alias="signalType")
    condition: Literal["Fired", "Resolved"] = Field(alias="monitorCondition")
    service: str = Field(default="", alias="monitoringService")
    targets: tuple[str, ...] = Field(default=(), alias="alertTargetIDs")
    fired: str = Field(alias="firedDateTime")
    resolved: str = Field(default="", alias="resolvedDateTime")
    description: str | None = None


class Data(Model):
    """The alert."""

    essentials: Essentials
    context: JsonValue = Field(default=None, alias="alertContext")
    custom: dict[str, JsonValue] | None = Field(default=None, alias="customProperties")


class Body(Model):
    """The envelope."""

    schema_id: Literal["azureMonitorCommonAlertSchema"] = Field(alias="schemaId")
    data: Data


def read(received: Received) -> tuple[Alert, ...]:
    """The alert. The same id fires and is resolved."""
    data = read_as(Body, received.body).data
    found = data.essentials
    resolved = found.condition == "Resolved"
    when = found.resolved if resolved and found.resolved else found.fired
    region = _region(data)
    own = {
        "alertname": found.rule,
        "severity": found.severity,
        "signal": found.signal,
        "monitoring_service": found.service,
        "resource": found.targets[0] if found.targets else "",
        "region": region,
    }
    return (
        received.alert(
            key=found.id,
            delivery=f"{found.id}/{found.condition}/{when}",
            status="resolved" if resolved else "firing",
            at=moment(when, received.at),
            title=found.description or found.rule,
            severity=found.severity,
            region=region,
            labels={**texts(data.custom or {}), **{name: value for name, value in own.items() if value}},
        ),
    )


def _region(data: Data) -> str:
    """As the rule's custom property `region` says, or as alerts of the activity log (Service Health) do."""
    named = (data.custom or {}).get("region") or inside(inside(data.context, "properties"), "region")
    return named if isinstance(named, str) else ""
