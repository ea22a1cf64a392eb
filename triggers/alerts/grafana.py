"""Grafana's alerting (webhook contact point): Alertmanager's form with more in it, and a version of its own."""

from typing import Annotated, Literal

from pydantic import Field

from runbooks.alerts import Alert
from runbooks.values import Model
from triggers.alerts.alertmanager import Item, alert_of
from triggers.alerts.received import Received, read_as


class Panel(Item):
    """One alert, with the panel that shows it."""

    panel: str = Field(default="", alias="panelURL")
    dashboard: str = Field(default="", alias="dashboardURL")


class Body(Model):
    """The group. `orgId` tells it from Alertmanager's."""

    version: Literal["1"]
    organisation: int = Field(alias="orgId")
    group_key: str = Field(alias="groupKey")
    alerts: Annotated[tuple[Panel, ...], Field(min_length=1)]


def read(received: Received) -> tuple[Alert, ...]:
    """Every alert of the group."""
    found = read_as(Body, received.body).alerts
    return tuple(alert_of(received, item, item.panel or item.dashboard or item.link) for item in found)
