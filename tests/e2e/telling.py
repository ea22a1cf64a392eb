"""What is told to a cloud all the time, as its own services would."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_EVERY = 0.5


@contextmanager
def telling(tell: Callable[[], None]) -> Iterator[None]:
    """At once, and again and again while the block runs."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(_EVERY):
            tell()

    tell()
    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
