"""Whose a connection is: the place of the process at its other end, as the system knows it."""

import os
from contextlib import suppress
from pathlib import Path

import psutil

from lab.killing import MARK
from lab.topology import Lab


def places_of(lab: Lab, places: frozenset[str]) -> frozenset[tuple[str, int]]:
    """The near ends (address, port) of every connection that a process of one of the places has now."""
    known: dict[int, bool] = {}
    found = set()
    for connection in psutil.net_connections("tcp"):
        pid = connection.pid
        if pid is None or not connection.laddr or pid == os.getpid():
            continue
        if pid not in known:
            known[pid] = _place(lab, pid) in places
        if known[pid]:
            found.add((connection.laddr.ip, connection.laddr.port))
    return frozenset(found)


def _place(lab: Lab, pid: int) -> str | None:
    """By the mark that it inherited, or by the data directory that it works in (PostgreSQL hides its environment)."""
    with suppress(psutil.Error, OSError):
        process = psutil.Process(pid)
        home, _, place = process.environ().get(MARK, "").rpartition("#")
        if home == str(lab.home):
            return place
        where = Path(process.cwd())
        if where.is_relative_to(lab.data):
            return where.relative_to(lab.data).parts[0]
    return None
