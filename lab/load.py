"""The lab's client load: uses the system as anybody outside would, all the time, and keeps count.

It resolves the public name with the lab's own DNS servers, writes consecutive numbers, and asks the model a question
over and over. Every attempt goes to a journal at once; `outage.py` turns the journal into a report.

    async with Load(config) as load:                  as a library
        await load.until_good(after=time.time())
        ...
        load.report(killed_at)

    python -m lab.load --config FILE                  as a program: until SIGTERM, then it writes the report
"""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import Any, Self

import aiohttp

from lab.client import Client, LoadConfig
from lab.journal import Attempt, Journal, Kind
from lab.outage import Report, report
from lab.program import config_from_argv, say_ready, stop_signal, write_durably

STATUS_EVERY = 0.5
MOST_QUESTIONS = 4


class Load:
    """The client at work, for as long as it is entered."""

    def __init__(self, config: LoadConfig) -> None:
        self.config = config
        self.attempts: list[Attempt] = []
        self._numbers = 0
        self._news = asyncio.Condition()
        self._last: dict[Kind, Attempt] = {}
        self._last_good: dict[Kind, Attempt] = {}
        self._addresses: tuple[str, ...] = ()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._journal = stack.enter_context(Journal(self.config.journal))
            connector = aiohttp.TCPConnector(force_close=True, limit=0)
            session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
            self._client = Client(self.config, session)
            self._loops = [asyncio.create_task(self._write_on()), asyncio.create_task(self._ask_on())]
            for loop in self._loops:
                stack.push_async_callback(_end, loop)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def until_good(self, after: float) -> None:
        """Wait until a write and a question that were both begun after that moment have gone well."""

        def both() -> bool:
            found = (self._last_good.get("write"), self._last_good.get("ask"))
            return all(attempt is not None and attempt.started >= after for attempt in found)

        async def wait() -> None:
            async with self._news:
                await self._news.wait_for(both)

        waiting = asyncio.create_task(wait())
        try:
            done, _ = await asyncio.wait({waiting, *self._loops}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # a loop ends before its time only by an error
        finally:
            waiting.cancel()

    def report(self, killed_at: float | None = None) -> Report:
        """What was seen so far."""
        return report(self.attempts, until=time.time(), killed_at=killed_at)

    def status(self) -> str:
        """One line: how it goes just now."""
        return "; ".join(self._how("write", "writes")) + " | " + "; ".join(self._how("ask", "answers"))

    def _how(self, kind: Kind, what: str) -> tuple[str, ...]:
        good = sum(attempt.good for attempt in self.attempts if attempt.kind == kind)
        last, last_good = self._last.get(kind), self._last_good.get(kind)
        if last is None:
            return (f"{what}: none yet",)
        if last_good is last:
            return (f"{what}: {good} good", f"now from {last.region}")
        since = f"for {time.time() - last_good.at:.1f} s" if last_good else "yet"
        return (f"{what}: {good} good", f"NONE {since} ({last.why})")

    async def _write_on(self) -> None:
        """A number at every beat, whether or not the one before has been answered."""

        async def write() -> None:
            number, self._numbers = self._numbers, self._numbers + 1
            await self._keep(await self._client.write(number))

        most = max(1, round(self.config.write_timeout / self.config.write_every))
        await _beat(write, lambda: self.config.write_every, most)

    async def _ask_on(self) -> None:
        async def ask() -> None:
            await self._keep(await self._client.ask())

        def pause() -> float:
            last = self._last.get("ask")
            return self.config.ask_every if last is None or last.good else self.config.ask_again

        await _beat(ask, pause, MOST_QUESTIONS)

    async def _keep(self, attempt: Attempt) -> None:
        if self._client.addresses != self._addresses:
            self._addresses = self._client.addresses
            self._add(
                Attempt(
                    kind="resolve",
                    client=self.config.client,
                    started=attempt.started,
                    at=attempt.started,
                    good=True,
                    addresses=self._addresses,
                )
            )
        self._add(attempt)
        async with self._news:
            self._news.notify_all()

    def _add(self, attempt: Attempt) -> None:
        self._journal.write(attempt)
        self.attempts.append(attempt)
        self._last[attempt.kind] = attempt
        if attempt.good:
            self._last_good[attempt.kind] = attempt


async def _beat(act: Callable[[], Coroutine[Any, Any, None]], pause: Callable[[], float], most: int) -> None:
    """Begin the act again and again, `pause()` apart, at most so many at once; a beat that is missed is left out."""
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        under_way: set[asyncio.Task[None]] = set()
        while True:
            begun = loop.time()
            if len(under_way) < most:
                task = group.create_task(act())
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            await asyncio.sleep(max(0.0, begun + pause() - loop.time()))


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def serve(config: LoadConfig, stop: asyncio.Event) -> None:
    """Load the system until `stop` is set, then write the report."""
    async with Load(config) as load:
        say_ready()
        while not stop.is_set():
            if sys.stdout.isatty():
                sys.stdout.write(f"\r\033[K{load.status()[:150]}")
                sys.stdout.flush()
            with suppress(TimeoutError):
                async with asyncio.timeout(STATUS_EVERY):
                    await stop.wait()
        found = load.report()
    sys.stdout.write(f"\n{load.status()}\n")
    if config.report is not None:
        write_durably(config.report, found.model_dump_json(indent=2) + "\n")


async def main() -> None:
    """Load the system until SIGTERM."""
    await serve(config_from_argv(LoadConfig, "lab.load"), stop_signal())


if __name__ == "__main__":
    asyncio.run(main())
