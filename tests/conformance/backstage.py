"""A thread with an event loop of its own, on which the lab's parts live that a test's specimens stand on.

Those that are `kept` are shared by all tests of the process; the others end with their test.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest

T = TypeVar("T")

_WITHIN = 30.0
"""Seconds for a part to come up, or to go."""


class Backstage:
    """Where parts are entered from outside, by a test that runs or by its end."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._kept, self._known = AsyncExitStack(), dict[str, Any]()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_WITHIN)

    def kept(self, name: str, part: Callable[[Path], AbstractAsyncContextManager[T]]) -> T:
        """The part of that name; it is made for the first who asks, in a folder of its own."""
        if name not in self._known:
            home = self.home / name
            home.mkdir()
            self._known[name] = self.run(self._kept.enter_async_context(part(home)))
        found: T = self._known[name]
        return found

    def stack(self, request: pytest.FixtureRequest) -> AsyncExitStack:
        """For parts that end with the test."""
        made = AsyncExitStack()
        request.addfinalizer(lambda: self.run(made.aclose()))
        return made

    def close(self) -> None:
        """End all parts."""
        self.run(self._kept.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WITHIN)
        self._loop.close()


@pytest.fixture(scope="session")
def backstage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backstage]:
    """One for the process."""
    made = Backstage(tmp_path_factory.mktemp("backstage"))
    yield made
    made.close()
