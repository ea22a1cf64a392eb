"""Whose a connection is: whether a process of certain places is at its other end, as the system knows it.

This is asked for every connection while a region is cut off, so only the processes of those places are looked at, and
the kernel is asked for the one socket (`sock_diag`): its list of all of them is long on a busy machine.
"""

import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from lab.processes import Processes
from lab.topology import Lab

End = tuple[str, int]
"""An address and a port."""

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLM_F_REQUEST = 1
_ANY_STATE = 0xFFFFFFFF
_NO_COOKIE = 0xFFFFFFFF
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBxI2s2s4s12x4s12xIII")
_INODE_AT = _HEADER.size + 68
"""In the answer: behind the socket's id (4 + 48 bytes) and four numbers."""


def held_by(lab: Lab, places: Iterable[str]) -> frozenset[int]:
    """The sockets, by inode, of every process of the places."""
    entries = [entry for place in places for entry in Processes(lab).entries(place)]
    roots = [process.pid for entry in entries if (process := entry.process()) is not None]
    return frozenset(inode for pid in _families(roots) for inode in _sockets(pid))


def socket_of(near: End, far: End) -> int | None:
    """The inode of the TCP socket of this machine that is bound to `near` and joined to `far`; None: there is none."""
    id_ = (near[1].to_bytes(2), far[1].to_bytes(2), socket.inet_aton(near[0]), socket.inet_aton(far[0]))
    body = _REQUEST.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, _ANY_STATE, *id_, 0, _NO_COOKIE, _NO_COOKIE)
    size = _HEADER.size + len(body)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as kernel:
        kernel.send(_HEADER.pack(size, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 1, 0) + body)
        answer = kernel.recv(4096)
    if _HEADER.unpack_from(answer)[1] != _SOCK_DIAG_BY_FAMILY:
        return None
    return int(struct.unpack_from("=I", answer, _INODE_AT)[0])


def _families(roots: list[int]) -> Iterator[int]:
    """They, and all that they have started; told by the system, which is far faster than a search of the machine."""
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        yield pid
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(OSError):  # it has ended meanwhile
                waiting.extend(int(child) for child in task.read_text().split())


def _sockets(pid: int) -> Iterator[int]:
    with suppress(OSError):  # it has ended meanwhile
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                name = str(descriptor.readlink())
                if name.startswith("socket:["):
                    yield int(name[len("socket:[") : -1])
