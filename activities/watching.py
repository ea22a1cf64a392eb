"""A vantage point: the `detect` checks asked of every region, again and again, from where this worker runs."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from temporalio import activity

from activities.asking import Detectors, ask
from activities.lifeline import heartbeating
from runbooks.kinds import KINDS
from runbooks.models import Detection, Runbook
from runbooks.probes import Probe, checks
from runbooks.runs import Verdict
from runbooks.steps import Reading, State, Verb
from runbooks.watches import WatchCall, WatchReport

_FOR_A_LOOK = 0.2
"""Seconds; a store that is well answers in milliseconds."""


@dataclass
class _Spell:
    """What one region has looked like lately, from here; at first, what is known. `settled`: long enough to say so."""

    state: State = "unknown"
    settled: bool = False
    good: int = 0
    bad: int = 0
    unsure: int = 0
    first_bad_at: float | None = None
    reason: str = "not looked at yet"
    failing: tuple[str, ...] = ()

    def take(self, at: float, rule: Detection, answers: Sequence[tuple[str, Reading]]) -> None:
        """One round: `failures` bad ones in a row make the region unhealthy, one good one makes it healthy.

        Out of unhealthy it takes `successes` good ones in a row (hysteresis). A probe that could not look is
        neither: `failures` such rounds make the region unknown.
        """
        bad = [(name, reading.reason) for name, reading in answers if reading.state == "unhealthy"]
        unsure = [reading.reason for _, reading in answers if reading.state == "unknown"]
        said = [reason for _, reason in bad] or unsure
        self.reason = "; ".join(reason.rstrip(".") for reason in said) or f"{len(answers)} checks passed"
        self.failing = tuple(name for name, _ in bad)
        self.bad = self.bad + 1 if bad else 0
        self.unsure = self.unsure + 1 if unsure and not bad else 0
        self.good = 0 if said else self.good + 1
        if not bad:
            self.first_bad_at = None
        elif self.first_bad_at is None:
            self.first_bad_at = at
        self._settle(rule)

    def _settle(self, rule: Detection) -> None:
        failures, enough = rule.failures, rule.successes if self.state == "unhealthy" else 1
        if self.good >= enough:
            self.state, self.settled = "healthy", True
        elif self.bad >= failures:
            self.state, self.settled = "unhealthy", True
        elif self.unsure >= failures:
            self.state, self.settled = "unknown", True


@dataclass
class _Looks:
    """Looks at data stores that go on in the background, one for each store in each region at a time."""

    _going: dict[tuple[str, str], asyncio.Task[None]] = field(default_factory=dict)

    def begin(self, resource: str, region: str, look: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Look, unless the look before has not come back yet."""
        before = self._going.get((resource, region))
        if before is None or before.done():
            self._going[resource, region] = asyncio.create_task(look())

    async def of(self, regions: Sequence[str]) -> None:
        """Wait a little for the looks at these regions, so that a report holds what they have just said."""
        going = [task for (_, region), task in self._going.items() if region in regions]
        if going:
            await asyncio.wait(going, timeout=_FOR_A_LOOK)

    async def end(self) -> None:
        """Leave none behind."""
        for task in self._going.values():
            task.cancel()
        await asyncio.gather(*self._going.values(), return_exceptions=True)


@dataclass
class Vantage:
    """The activities of one vantage point."""

    detectors: Detectors
    _last_good: dict[tuple[str, str, str], Reading] = field(default_factory=dict)
    """By runbook, resource and region: two runbooks may name their databases alike."""

    @activity.defn(name="watch")
    async def watch(self, call: WatchCall) -> WatchReport:
        """Probe until a region's state differs from what is known; it beats all the time, so it ends when cancelled."""
        async with heartbeating():  # also between two rounds, which may be further apart than the heartbeat timeout
            return await self._until(call, changed=True)

    @activity.defn(name="look")
    async def look(self, call: WatchCall) -> WatchReport:
        """Probe until every region's state is clear, and report it."""
        async with heartbeating():
            return await self._until(call, changed=False)

    async def _until(self, call: WatchCall, *, changed: bool) -> WatchReport:
        looks = _Looks()
        try:
            return await self._rounds(call, looks, changed=changed)
        finally:
            await looks.end()

    async def _rounds(self, call: WatchCall, looks: "_Looks", *, changed: bool) -> WatchReport:
        book = call.runbook
        spells = {region: _Spell(call.known.get(region, "unknown")) for region in book.regions}
        while True:
            began = time.monotonic()
            await asyncio.gather(*(self._round(book, region, spells[region], looks) for region in spells))
            activity.heartbeat()
            clear = all(spell.settled for spell in spells.values())
            news = any(s.settled and s.state != call.known.get(region) for region, s in spells.items())
            # The first report waits until every region is clear; later ones do not wait for one another.
            if clear if not changed or not call.known else news:
                await looks.of([region for region, spell in spells.items() if spell.state == "healthy"])
                return self._report(call, spells)
            await asyncio.sleep(max(0.0, book.detect.interval - (time.monotonic() - began)))

    async def _round(self, book: Runbook, region: str, spell: _Spell, looks: "_Looks") -> None:
        at = time.time()
        probes = checks(book, region, "detect")
        for name in _data(book):  # beside the probes: a store that hangs must not delay the verdict
            looks.begin(name, region, partial(self._data, book, name, region))
        readings = await asyncio.gather(*(self._ask(book, probe) for probe in probes))
        spell.take(at, book.detect, [(probe.name, reading) for probe, reading in zip(probes, readings, strict=True)])

    async def _ask(self, book: Runbook, probe: Probe) -> Reading:
        call = probe.call(Verb.DETECT, book.name, "watch")
        return await ask(self.detectors, call)

    async def _data(self, book: Runbook, resource: str, region: str) -> None:
        """Keep the last good reading of a data resource: when the region dies, it says how far the standby was."""
        probe = Probe(
            technology=book.resources[resource].kind,
            name=resource,
            resource=resource,
            region=region,
            settings=book.settings_of(resource, region),
        )
        reading = await self._ask(book, probe)
        if reading.state == "healthy":
            self._last_good[book.name, resource, region] = reading

    def _report(self, call: WatchCall, spells: dict[str, _Spell]) -> WatchReport:
        at = time.time()
        verdicts = tuple(
            Verdict(
                vantage=call.vantage,
                region=region,
                state=spell.state,
                reason=spell.reason,
                at=at,
                first_bad_at=spell.first_bad_at,
                failing=spell.failing,
            )
            for region, spell in spells.items()
        )
        name = call.runbook.name
        last_good = tuple(reading for (book, *_), reading in self._last_good.items() if book == name)
        return WatchReport(verdicts=verdicts, history=last_good)


def _data(book: Runbook) -> list[str]:
    return [name for name, resource in book.resources.items() if Verb.PROMOTE in KINDS[resource.kind].verbs]
