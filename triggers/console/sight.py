"""What the console sees: Temporal, by the server's one connection, the runbooks, and the records on this machine."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from temporalio.client import Client

from audit.bundle import Bundle, BundleError, read
from audit.pending import places
from audit.shelf import Kept, Wanted, kept
from runbooks.alerts import AlertsState
from runbooks.controls import KillSwitch, Release
from runbooks.evacuation import EvacuateState, Word
from runbooks.load import LoadedRunbook
from runbooks.models import Procedure
from runbooks.readiness import ReadinessState
from runbooks.runs import Decision, Judged, RunState
from triggers.composite import composite_state
from triggers.controls import engage_kill_switch, release_kill_switch
from triggers.errors import NoSuchRunError
from triggers.judgement import Steered, send, send_to_drill, tell_evacuation
from triggers.look import StateT, alerts_state, run_state
from triggers.names import composite_id_of, evacuation_id_of, run_id_of
from triggers.overview import Overview, engaged_switches, everything
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
    watching: set[object] = field(default_factory=set)
    """The pages that are kept up to date now."""
    _looks: dict[str, asyncio.Task[Any]] = field(default_factory=dict)
    """By the id of the workflow."""
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
        return await self._look(run_id_of(name), lambda: run_state(self.temporal, self.settings, name))

    async def composite(self, workflow_id: str, kind: type[StateT]) -> StateT:
        """The newest of what is made of runs. Raises as `run` does."""
        look = partial(composite_state, self.temporal, self.settings, workflow_id, kind)
        return await self._look(workflow_id, look)

    async def _look(self, key: str, how: Callable[[], Coroutine[Any, Any, StateT]]) -> StateT:
        look = self._looks.get(key)
        if look is None:
            look = self._looks[key] = asyncio.create_task(how())
            look.add_done_callback(lambda done: self._looked(key, done))
        state: StateT = await asyncio.shield(look)  # who leaves takes it from nobody else
        return state

    def _looked(self, key: str, look: asyncio.Task[Any]) -> None:
        if not look.cancelled():
            look.exception()  # whoever asked may have left
        asyncio.get_running_loop().call_later(_FRESH, self._forget, key, look)

    def _forget(self, key: str, look: asyncio.Task[Any] | None = None) -> None:
        """The next who asks sees it anew."""
        if look is None or self._looks.get(key) is look:
            self._looks.pop(key, None)

    async def say(self, name: str, decision: Decision, run: str) -> tuple[Judged, Steered]:
        """Hand the decision over, and hear what was made of it. Raises RunEndedError, NoAnswerError."""
        answer = await send(self.temporal, self.settings, name, decision, run)
        self._forget(run_id_of(name))
        return answer

    async def say_to_drill(self, name: str, decision: Decision, run: str) -> tuple[Judged, Steered]:
        """The same to the drill itself, whatever its run does. Raises RunEndedError, NoAnswerError."""
        answer = await send_to_drill(self.temporal, self.settings, name, decision, run)
        self._forget(composite_id_of(name, Procedure.DRILL))
        return answer

    async def tell(self, region: str, word: Word, run: str, *, go_on: bool) -> EvacuateState:
        """The evacuation, as soon as it has heard the word. Raises RunEndedError, NoAnswerError."""
        state = await tell_evacuation(self.temporal, self.settings, region, word, run, go_on=go_on)
        self._forget(evacuation_id_of(region))
        return state

    async def readiness(self, name: str) -> ReadinessState | None:
        """The newest report that Temporal knows, going or ended."""
        try:
            return await self.composite(composite_id_of(name, Procedure.READINESS), ReadinessState)
        except NoSuchRunError:
            return None

    async def switches(self) -> tuple[KillSwitch, ...]:
        """Every kill switch that is engaged."""
        return await engaged_switches(self.temporal, [one.runbook.name for one in self.books])

    async def engage(self, switch: KillSwitch) -> bool:
        """Engage it; False when it was engaged already."""
        return await engage_kill_switch(self.temporal, self.settings, switch)

    async def release(self, release: Release, scope: str) -> bool:
        """Release it; False when that waits for a worker. Raises NoSuchRunError when none is engaged."""
        return await release_kill_switch(self.temporal, release, scope)

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
