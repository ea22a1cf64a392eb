"""A frozen process does nothing more, whichever of its threads was at work, and goes on where it was."""

import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from lab.freezing import freeze, thaw

# Threads that are at work at once: a digest of much lets the others run.
BUSY = """
import hashlib, threading
def work():
    while True:
        hashlib.sha256(bytes(1 << 20))
for _ in range(16):
    threading.Thread(target=work).start()
print(flush=True)
"""


@pytest.fixture
def busy() -> Iterator[psutil.Process]:
    """A process with sixteen threads at work."""
    with subprocess.Popen((sys.executable, "-c", BUSY), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield psutil.Process(process.pid)
        process.kill()


def states(process: psutil.Process) -> set[str]:
    """What its threads do."""
    return {psutil.Process(thread.id).status() for thread in process.threads()}


def test_no_thread_runs_when_it_returns(busy: psutil.Process) -> None:
    """Also on a busy machine, where the threads that must be told are many, and time goes by until all of them are."""
    for _ in range(20):
        freeze([busy])
        assert states(busy) == {psutil.STATUS_STOPPED}
        thaw([busy])
    assert states(busy) & {psutil.STATUS_RUNNING, psutil.STATUS_SLEEPING}


def test_what_has_ended_is_neither_frozen_nor_an_error(busy: psutil.Process) -> None:
    """It does nothing more."""
    busy.kill()
    freeze([busy])
    busy.wait(10)
    freeze([busy])
    thaw([busy])
