"""`evac worker`: procedures and the witness's vantage point, or one region's; with a server of its own if asked."""

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack

from temporalio.client import Client
from temporalio.worker import Worker

from worker.build import procedure_worker, vantage_worker
from worker.connect import CannotReachTemporalError, connect
from worker.pushing import Pusher
from worker.register import register_search_attributes
from worker.server import EmbeddedServer
from worker.settings import Settings

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 1.0


async def serve(
    settings: Settings,
    *,
    embedded: bool = False,
    vantage: str | None = None,
    ready: Callable[[str], None] = log.info,
) -> None:
    """Work until SIGTERM or SIGINT. Raises CannotReachTemporalError, ServerError."""
    stop = _stop_on_signals()
    async with AsyncExitStack() as stack:
        if embedded:
            server = await stack.enter_async_context(EmbeddedServer(settings))
            ready(f"Temporal at {server.where.address}, its pages at {server.where.ui}")
        client = await _patiently(settings, stop)
        if client is None:
            return
        pusher = Pusher(settings)
        for worker in await _workers(client, settings, vantage, pusher.wake):
            await stack.enter_async_context(worker)
        if vantage is None:
            await stack.enter_async_context(pusher)
        ready(f"working on {settings.vantage_queue(vantage) if vantage else settings.task_queue}")
        await stop.wait()


async def _workers(client: Client, settings: Settings, vantage: str | None, kept: Callable[[], None]) -> list[Worker]:
    if vantage is not None:
        return [vantage_worker(client, settings, vantage)]
    await register_search_attributes(client)
    return [procedure_worker(client, settings, kept=kept), vantage_worker(client, settings)]


async def _patiently(settings: Settings, stop: asyncio.Event) -> Client | None:
    """A worker is a daemon: it waits for Temporal, saying so, instead of ending."""
    pause = 0.2
    while not stop.is_set():
        try:
            return await connect(settings)
        except CannotReachTemporalError as error:
            log.warning("%s Trying again.", error)
        try:
            async with asyncio.timeout(pause):
                await stop.wait()
        except TimeoutError:
            pause = min(pause * 2, _LONGEST_PAUSE)
    return None


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
