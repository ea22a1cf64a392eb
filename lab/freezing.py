"""Processes that stand still: their connections stay open, and nothing more is answered."""

import time
from collections.abc import Iterable
from contextlib import suppress

import psutil

from lab.errors import LabError

_WITHIN = 10.0
_EVERY = 0.002
"""Seconds between two looks: only a parent is told when a process has stopped, and these are seldom our children."""
_STILL = frozenset({psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD})


def freeze(processes: Iterable[psutil.Process]) -> None:
    """Stop them; returns when not one of their threads runs any more. Raises LabError when one goes on for 10 s.

    SIGSTOP alone promises less: the thread that takes the signal tells the others, and on a busy machine it may have to
    wait for its turn, while another one still answers what it was asked.
    https://man7.org/linux/man-pages/man7/signal.7.html
    """
    stopped = list(processes)
    for process in stopped:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
    deadline = time.monotonic() + _WITHIN
    for process in stopped:
        while _at_work(process):
            if time.monotonic() > deadline:
                message = f"Process {process.pid} was told to stop, and still runs after {_WITHIN:.0f} s."
                raise LabError(message)
            time.sleep(_EVERY)


def thaw(processes: Iterable[psutil.Process]) -> None:
    """Let them go on."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.resume()


def _at_work(process: psutil.Process) -> bool:
    try:
        threads = [thread.id for thread in process.threads()]
    except psutil.NoSuchProcess:
        return False
    return any(_state(thread) not in _STILL for thread in threads)


def _state(thread: int) -> str:
    try:
        return psutil.Process(thread).status()
    except psutil.NoSuchProcess:
        return psutil.STATUS_DEAD
