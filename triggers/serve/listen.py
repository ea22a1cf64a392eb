"""Listening: uvicorn under our own signals, so that a started server says where it is, and ends clean."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from triggers.serve.app import House, build
from triggers.serve.config import ServeConfig
from worker.settings import Settings

log = logging.getLogger(__name__)

_LAST_WORDS = 10
"""Seconds that requests under way get when the server ends."""


class CannotListenError(RuntimeError):
    """The address cannot be had."""


class _Server(uvicorn.Server):
    """Says when it is there. Signals end it, and are not sent on: a server that was asked to stop has not failed."""

    def __init__(
        self, config: uvicorn.Config, started: Callable[[], None], ending: asyncio.Event | None = None
    ) -> None:
        super().__init__(config)
        self._tell = started
        self._ending = ending or asyncio.Event()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """What uvicorn does when it is to stop; what never ends by itself is told so."""
        self._ending.set()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """What uvicorn does before it serves."""
        await super().startup(sockets)
        if self.started:
            self._tell()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """What uvicorn does around its work."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.handle_exit, number, None)
        yield


async def listen(config: ServeConfig, settings: Settings, ready: Callable[[str], None] = log.info) -> None:
    """Serve until SIGTERM or SIGINT. Raises CannotListenError, MissingSecretsError."""
    house = House(config, settings)
    options = uvicorn.Config(
        build(house),
        log_config=None,
        access_log=False,  # addresses may hold a secret (`?auth_token=`)
        server_header=False,
        timeout_graceful_shutdown=_LAST_WORDS,
    )
    with _bound(config) as bound:
        host, port = bound.getsockname()[:2]
        at = f"http://{f'[{host}]' if ':' in host else host}:{port}"

        def started() -> None:
            for endpoint in config.alerts:
                ready(f"alerts of {endpoint.source} at {at}{endpoint.path}")
            ready(f"serving at {at}; how it is: {at}/healthz")

        await _Server(options, started, house.ending).serve(sockets=[bound])


def _bound(config: ServeConfig) -> socket.socket:
    """The address, held. Raises CannotListenError."""
    bound = None
    try:
        family, kind, proto, _, address = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, proto)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        if bound is not None:
            bound.close()
        message = f"cannot listen on {config.listen}: {error.strerror}; choose another `listen:` in the server's file"
        raise CannotListenError(message) from None
    return bound
