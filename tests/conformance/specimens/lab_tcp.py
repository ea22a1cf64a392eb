"""A port that opens, or not."""

import socket
from typing import Any

import pytest

from tests.conformance.specimen import Settings, Specimen


class DetectTcp(Specimen):
    """It is open."""

    uses = "detect.tcp"
    cannot = {"a_denied_look_is_unknown": "a connection asks for no permission: a filter refuses as a closed port does"}
    request: pytest.FixtureRequest

    async def stand(self) -> Settings:
        """Somebody listens."""
        self.sockets: list[socket.socket] = []
        self.request.addfinalizer(self._hang_up)
        self.listener = self._listen(("127.0.0.1", 0), 16)
        host, port = self.listener.getsockname()
        return {"host": host, "port": port, "timeout": 0.5}

    def _listen(self, address: tuple[str, int], backlog: int) -> socket.socket:
        made = socket.socket()
        self.sockets.append(made)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(backlog)
        return made

    def _hang_up(self) -> None:
        for each in self.sockets:
            each.close()

    async def effect(self) -> Any:
        """Does somebody listen?"""
        return self.listener.fileno() != -1

    async def absent(self, settings: Settings) -> Settings:
        """A host that no name server knows."""
        return {**settings, "host": "no.such.host.invalid"}

    async def spoil(self, settings: Settings) -> Settings:
        """Nobody does."""
        self.listener.close()
        return settings

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """Hangs as a host that is overrun: its queue is full, so that it drops whoever knocks."""
        assert (mode, match, times) == ("hang", "*", None)
        address = self.listener.getsockname()
        self.listener.close()
        self.listener = self._listen(address, 0)
        for _ in range(4):
            knocking = socket.socket()
            self.sockets.append(knocking)
            knocking.setblocking(False)  # noqa: FBT003 - the socket's own interface
            knocking.connect_ex(address)

    def straighten(self) -> None:
        """As it is."""
        self._hang_up()

    def changes(self) -> int:
        """Nothing is sent."""
        return 0


class VerifyTcp(DetectTcp):
    """The same, insisting."""

    uses = "verify.tcp"
    cannot = {
        **DetectTcp.cannot,
        "what_is_not_there_is_unknown": "a name that nobody knows may be known in a moment, so it is insisted on",
    }
