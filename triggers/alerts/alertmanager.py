"""Prometheus' Alertmanager (webhook, version 4). A group may hold firing and resolved alerts side by side."""

from typing import Annotated, Literal

from pydantic import Field

from runbooks.alerts import Alert
from runbooks.values import Model
from triggers.alerts.received import Received, moment, read_as


class Item(Model):
    """One alert of the group. Its fingerprint is made of its labels, so it is the same when it comes again."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: str = Field(alias="startsAt")
    ends_at: str = Field(default="", alias="endsAt")
    link: str = Field(default="", alias="generatorURL")
    fingerprint: Annotated[str, Field(min_length=1)]


class Body(Model):
    """The group."""

    version: Literal["4"]
    group_key: str = Field(alias="groupKey")
    alerts: Annotated[tuple[Item, ...], Field(min_length=1)]


def read(received: Received) -> tuple[Alert, ...]:
    """Every alert of the group."""
    return tuple(alert_of(received, item, item.link) for item in read_as(Body, received.body).alerts)


def alert_of(received: Received, item: Item, link: str) -> Alert:
    """The item as an alert; Grafana's are alike."""
    resolved = item.status == "resolved"
    return received.alert(
        key=item.fingerprint,
        delivery="/".join((item.fingerprint, item.starts_at, item.status, item.ends_at if resolved else "")),
        status=item.status,
        at=moment(item.ends_at if resolved else item.starts_at, received.at),
        title=item.annotations.get("summary") or item.labels.get("alertname", ""),
        severity=item.labels.get("severity", ""),
        region=item.labels.get("region", ""),
        labels=item.labels,
        url=link,
    )
