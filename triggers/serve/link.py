"""The server's one connection to Temporal: it is waited for while the server answers already."""

import asyncio
import logging
from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from runbooks.alerts import AlertSignal
from runbooks.load import LoadedRunbook
from triggers.alarm import hand_over
from triggers.alerts.courier import UndeliveredError
from worker.connect import CannotReachTemporalError, connect
from worker.settings import Settings

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 2.0
_HEALTH = timedelta(seconds=2)


class Link:
    """`ready` is set once there is a client; the client itself comes back after every outage."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ready = asyncio.Event()
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        """The client. Raises UndeliveredError while Temporal was never reached."""
        if self._client is None:
            message = "Temporal was not reached yet"
            raise UndeliveredError(message)
        return self._client

    async def establish(self) -> None:
        """Connect, however long it takes."""
        pause = 0.2
        while not self.ready.is_set():
            try:
                self._client = await connect(self.settings)
            except CannotReachTemporalError as error:
                log.warning("%s Trying again.", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                self.ready.set()

    async def hand_over(self, read: LoadedRunbook, signal: AlertSignal) -> None:
        """Give the alerts to the runbook's workflow. Raises RPCError, UndeliveredError."""
        await hand_over(self.client, self.settings, read, signal)

    async def why_not(self) -> str | None:
        """Why Temporal takes nothing now, or None."""
        try:
            await self.client.service_client.check_health(timeout=_HEALTH)
        except UndeliveredError as error:
            return str(error)
        except (RPCError, RuntimeError) as error:
            return f"Temporal does not answer: {(str(error).splitlines() or [type(error).__name__])[0][:200]}"
        return None
