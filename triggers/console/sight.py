"""What the console sees: Temporal, by the server's one connection, the runbooks, and the records on this machine."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.client import Client

from audit.bundle import Bundle, BundleError, read
from audit.pending import places
from audit.shelf import Kept, Wanted, kept
from runbooks.alerts import AlertsState
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure
from runbooks.readiness import ReadinessState
from runbooks.runs import Decision, Judged, RunState
from triggers.composite import composite_state
from triggers.errors import NoSuchRunError
from triggers.judgement import Steered, send
from triggers.look import alerts_state, run_state
from triggers.names import composite_id_of
from triggers.overview import Overview, everything
from triggers.serve.library import Library
from triggers.serve.link import Link
from worker.settings import Settings

_FRESH = 0.5
"""Seconds for which a run's state (or why there is none) serves every page that shows it."""
_SHELF_FRESH = 5.0


@dataclass
class Sight:
    """Everything is read anew, but not for each of many who look at the same moment."""

    settings: Settings
    library: Library
    link: Link
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    """The server is to stop: nobody is kept waiting."""
    pause: float = 1.0
    """Seconds between two looks at a run that somebody watches."""
    _looks: dict[str, asyncio.Task[RunState]] = field(default_factory=dict)
    _shelf: tuple[float, tuple[Kept, ...]] = (0.0, ())

    @property
    def temporal(self) -> Client:
        """The connection. Raises UndeliveredError while there never was one."""
        return self.link.client

    @property
    def books(self) -> tuple[LoadedRunbook, ...]:
        """The runbooks, by name."""
        return tuple(sorted(self.library.books, key=lambda one: one.runbook.name))

    def book(self, name: str) -> LoadedRunbook:
        """The runbook of that name. Raises NoSuchRunError."""
        return named(self.books, name)

    async def overview(self) -> Overview:
        """All that goes on now."""
        return await everything(self.temporal, self.settings)

    async def run(self, name: str) -> RunState:
        """The runbook's newest run. Raises NoSuchRunError, NoAnswerError, RunFailedError."""
        look = self._looks.get(name)
        if look is None:
            look = self._looks[name] = asyncio.create_task(run_state(self.temporal, self.settings, name))
            look.add_done_callback(lambda done: self._looked(name, done))
        return await asyncio.shield(look)  # who leaves takes it from nobody else

    def _looked(self, name: str, look: asyncio.Task[RunState]) -> None:
        if not look.cancelled():
            look.exception()  # whoever asked may have left
        asyncio.get_running_loop().call_later(_FRESH, self._forget, name, look)

    def _forget(self, name: str, look: asyncio.Task[RunState] | None = None) -> None:
        """The next who asks sees it anew."""
        if look is None or self._looks.get(name) is look:
            self._looks.pop(name, None)

    async def say(self, name: str, decision: Decision, run: str) -> tuple[Judged, Steered]:
        """Hand the decision over, and hear what was made of it. Raises RunEndedError, NoAnswerError."""
        answer = await send(self.temporal, self.settings, name, decision, run)
        self._forget(name)
        return answer

    async def readiness(self, name: str) -> ReadinessState | None:
        """The newest report that Temporal knows, going or ended."""
        name = composite_id_of(name, Procedure.READINESS)
        try:
            return await composite_state(self.temporal, self.settings, name, ReadinessState)
        except NoSuchRunError:
            return None

    async def alerts(self, name: str) -> AlertsState | None:
        """What stands of the runbook's alerts."""
        return await alerts_state(self.temporal, self.settings, name)

    async def records(self, wanted: Wanted | None = None) -> tuple[Kept, ...]:
        """The records that are wanted, newest first."""
        at, found = self._shelf
        if time.monotonic() - at > _SHELF_FRESH or not at:
            found = await asyncio.to_thread(lambda: tuple(kept(self.settings.records)))
            self._shelf = (time.monotonic(), found)
        return tuple(one for one in found if wanted is None or wanted.matches(one))

    async def record(self, name: str) -> Bundle:
        """The record of exactly that name: what comes from an address is never a path. Raises BundleError."""
        return await asyncio.to_thread(_record, self.settings.records, name)


def _record(records: Path, name: str) -> Bundle:
    matching = [place for place in places(records) if place.rpartition("/")[2] == name]
    if not matching:
        message = f"there is no record {name}"
        raise BundleError(message)
    return read(records / matching[0])


def named(books: Sequence[LoadedRunbook], name: str) -> LoadedRunbook:
    """The runbook of that name. Raises NoSuchRunError."""
    for one in books:
        if one.runbook.name == name:
            return one
    known = ", ".join(one.runbook.name for one in books) or "none"
    message = f"this server has no runbook {name}; it has {known}"
    raise NoSuchRunError(message)
