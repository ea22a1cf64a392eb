"""Whole labs stand side by side only as far as a machine carries them: more of them make each other's waits fail."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_EVERY = 0.1


@contextmanager
def slot(lock: Path, count: int) -> Iterator[None]:
    """One of `count` slots, each a lock on a file; waits until one is free. A killed process frees its own."""
    files = [lock.with_name(f"{lock.name}-{number}").open("w") for number in range(count)]
    try:
        while not any(_taken(file.fileno()) for file in files):
            time.sleep(_EVERY)
        yield
    finally:
        for file in files:
            file.close()


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
