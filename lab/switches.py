"""Which servers may be on: the state behind the power controller, shared with whoever starts servers.

One lock guards both sides. The power controller writes `off` and kills while it holds the lock; the lab looks
and starts a server while it holds it. So a server that was switched off cannot slip back to life in between.

StaleEpochError    a newer decision has been carried out already
BarredError        the server is switched off
"""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Literal, TextIO

from lab.errors import LabError
from lab.topology import write_atomically
from runbooks.values import Model


class Switch(Model):
    """One server's switch, and the highest epoch that was seen."""

    name: str
    state: Literal["on", "off"] = "on"
    epoch: int = 0
    since: int | None = None
    """The epoch that turned it so."""


class StaleEpochError(LabError):
    """A newer decision has been carried out already."""

    def __init__(self, switch: Switch, epoch: int) -> None:
        super().__init__(
            f"{switch.name} was switched {switch.state} by epoch {switch.epoch}, which is newer than epoch {epoch}. "
            "Look at it again and decide anew."
        )


class BarredError(LabError):
    """The server is switched off, and must not be started."""

    def __init__(self, switch: Switch) -> None:
        super().__init__(
            f"{switch.name} was switched off by the power controller (epoch {switch.epoch}): it was fenced, since "
            "another server took its place. It stays off until a failback or a reseed brings it back."
        )


class Switches:
    """The switches of a lab, in `HOME/power`."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "power"

    def read(self, name: str) -> Switch:
        """The switch as it is; one that was never touched is on."""
        with suppress(FileNotFoundError):
            return Switch.model_validate_json((self._folder / f"{name}.json").read_text())
        return Switch(name=name)

    def set(self, name: str, state: Literal["on", "off"], epoch: int) -> Switch:
        """Turn a switch; call it inside `locked()`. Raises StaleEpochError."""
        before = self.read(name)
        if epoch < before.epoch:
            raise StaleEpochError(before, epoch)
        since = epoch if state != before.state else before.epoch if before.since is None else before.since
        after = Switch(name=name, state=state, epoch=epoch, since=since)
        write_atomically(self._folder / f"{name}.json", after.model_dump_json() + "\n")
        return after

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else turns a switch or starts a server meanwhile. Blocks: not for an event loop's own thread."""
        with self._lock_file() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @asynccontextmanager
    async def locked_politely(self) -> AsyncIterator[None]:
        """As `locked`, for an event loop."""
        with self._lock_file() as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    await asyncio.sleep(0.01)
            yield

    def _lock_file(self) -> TextIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        return (self._folder / "lock").open("w")
