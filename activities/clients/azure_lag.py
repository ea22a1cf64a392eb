"""What Azure Monitor has heard of a resource by the minute: how far a replica is behind, and when nothing was missing.

https://learn.microsoft.com/rest/api/monitor/metrics/list
"""

import time
from collections.abc import Awaitable

from activities.clients.azure import Azure
from activities.clients.azure_metrics import read_metric
from activities.errors import StepError
from activities.lagging import Lag, lag_of
from runbooks.steps import ErrorType

_YOUNG = 240.0
"""Seconds: a metric of one minute comes up to three minutes late. An older value says nothing of now."""
_TELLER = "Azure Monitor"


async def read_lag(there: Azure, resource: str, name: str) -> Lag:
    """How far it is behind, by a metric in seconds. Raises StepError."""
    values = await read_metric(there, resource, name, "Maximum")
    return lag_of(values, time.time(), young=_YOUNG, teller=_TELLER)


async def unless_silent(asked: Awaitable[Lag]) -> Lag:
    """What was asked; unknown when Azure Monitor is silent. That it denies is said: raises StepError."""
    try:
        return await asked
    except StepError as error:
        if error.kind is ErrorType.DENIED:
            raise
        return Lag(teller=_TELLER)


async def read_young(there: Azure, resource: str, name: str) -> float | None:
    """The most of the newest minute; None when nothing young enough was heard. Raises StepError."""
    values = await read_metric(there, resource, name, "Maximum")
    at, newest = max(values, default=(0.0, 0.0))
    return newest if time.time() - at <= _YOUNG else None


async def last_drained(there: Azure, resource: str, name: str) -> float | None:
    """Where the newest minute began in which the metric was nothing for a moment; None: in none. Raises StepError."""
    values = await read_metric(there, resource, name, "Minimum")
    return max((at for at, least in values if least == 0), default=None)
