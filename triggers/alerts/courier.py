"""Carries alerts to the runbooks: what comes while one signal is under way goes on together with the next.

So a storm becomes few signals, and every sender still gets its answer only when Temporal has what it sent.

UndeliveredError    Temporal does not take it now; the sender should come again
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from temporalio.service import RPCError

from runbooks.alerts import Alert, AlertSignal
from runbooks.load import LoadedRunbook

log = logging.getLogger(__name__)

HandOver = Callable[[LoadedRunbook, AlertSignal], Awaitable[None]]
"""Returns when Temporal has the signal. Raises RPCError or UndeliveredError."""

PATIENCE = 8.0
"""Senders wait ten seconds and more for an answer."""
_MOST = 200
_HEAVIEST = 400_000
"""Alerts, and about as many letters of them, in one signal: Temporal refuses one of more than 2 MiB."""
_BARE = 700
"""Letters of an alert without its texts, at the most."""


class UndeliveredError(Exception):
    """Not handed over."""


@dataclass
class _Parcel:
    alerts: Sequence[Alert]
    read: LoadedRunbook
    arrived: asyncio.Future[None]

    @property
    def weight(self) -> int:
        """About how many letters it has."""
        return sum(_weight(alert) for alert in self.alerts)


@dataclass
class _Lane:
    """What waits for one runbook, proved in one way."""

    waiting: deque[_Parcel] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None


class Courier:
    """One signal at a time for each runbook and each proof; as many side by side as there are of those."""

    def __init__(self, hand_over: HandOver, patience: float = PATIENCE) -> None:
        self._hand_over = hand_over
        self._patience = patience
        self._lanes: dict[tuple[str, str], _Lane] = {}

    async def deliver(self, read: LoadedRunbook, alerts: Sequence[Alert], proof: str) -> None:
        """Return when Temporal has them all. Raises UndeliveredError."""
        loop = asyncio.get_running_loop()
        parcels = [
            _Parcel(alerts[start : start + _MOST], read, loop.create_future()) for start in range(0, len(alerts), _MOST)
        ]
        key = (read.runbook.name, proof)
        lane = self._lanes.setdefault(key, _Lane())
        lane.waiting.extend(parcels)
        if lane.task is None:
            lane.task = asyncio.create_task(self._drive(key, lane))
        try:
            async with asyncio.timeout(self._patience):
                await asyncio.gather(*(parcel.arrived for parcel in parcels))
        except TimeoutError:
            message = "Temporal does not answer in time"
            raise UndeliveredError(message) from None

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = [lane.task for lane in self._lanes.values() if lane.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _drive(self, key: tuple[str, str], lane: _Lane) -> None:
        while lane.waiting:
            parcels = _together(lane.waiting)
            if parcels:
                await self._send(parcels, key[1])
        del self._lanes[key]

    async def _send(self, parcels: list[_Parcel], proof: str) -> None:
        alerts = {
            (one.source, one.name, one.key, one.delivery, one.status): one
            for parcel in parcels
            for one in parcel.alerts
        }
        signal = AlertSignal(alerts=tuple(alerts.values()), proof=proof)
        try:
            await self._hand_over(parcels[-1].read, signal)
        except (RPCError, UndeliveredError) as error:
            log.warning("%d alerts could not be handed over: %s", len(alerts), error)
            _settle(parcels, UndeliveredError(str(error)))
        except Exception as error:
            log.exception("%d alerts could not be handed over", len(alerts))
            _settle(parcels, UndeliveredError(type(error).__name__))
        else:
            _settle(parcels, None)


def _together(waiting: deque[_Parcel]) -> list[_Parcel]:
    """What goes in one signal; nobody waits any more for what is left out."""
    found: list[_Parcel] = []
    count, weight = 0, 0
    while waiting:
        parcel = waiting[0]
        count, weight = count + len(parcel.alerts), weight + parcel.weight
        if found and (count > _MOST or weight > _HEAVIEST):
            break
        waiting.popleft()
        if not parcel.arrived.done():
            found.append(parcel)
    return found


def _weight(alert: Alert) -> int:
    labels = sum(len(name) + len(value) for name, value in alert.labels.items())
    return _BARE + len(alert.key) + len(alert.delivery) + len(alert.title) + len(alert.url) + labels


def _settle(parcels: list[_Parcel], error: UndeliveredError | None) -> None:
    for parcel in parcels:
        if parcel.arrived.done():
            continue
        if error is None:
            parcel.arrived.set_result(None)
        else:
            parcel.arrived.set_exception(error)
