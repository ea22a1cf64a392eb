"""Free ports for a lab, so that two labs stand side by side on one machine."""

import os
import random
import socket
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from lab.errors import LabError

# Below the range from which the system gives ports to outgoing connections (32768 and up): a port chosen here is not
# taken by a chance connection while its server is down, so a killed server can come back to its address.
_RANGE = range(20000, 32000)
_TRIES = 200
_YOUNG = 60.0
"""Seconds within which the folder of a lab that chooses ports may not be there yet."""


class PortChooser:
    """Chooses ports that are free now on all the addresses asked for, and no lab's of this user.

    A region that is down holds no port, and wants its own again when it comes back. So each port that is chosen is
    registered with the home of its lab, in a folder where temporary files go, and is that lab's as long as the home
    is there.
    """

    def __init__(self, home: Path, register: Path | None = None, ports: range = _RANGE) -> None:
        """`home`: the folder of the lab that the ports are for."""
        self._home = home
        self._ports = ports
        self._register = register or Path(tempfile.gettempdir()) / f"evac-lab-ports-{os.getuid()}"
        self._register.mkdir(mode=0o700, exist_ok=True)

    def forget(self) -> None:
        """Give back what an earlier lab in this home had, and what belongs to labs that are gone."""
        for file in self._register.iterdir():
            if _home(file) == self._home:
                file.unlink(missing_ok=True)
            else:
                _forget_if_left(file)

    def free(self, addresses: Iterable[str]) -> int:
        """One port that is free, for TCP and UDP, on every one of the addresses. Raises LabError."""
        wanted = tuple(addresses)
        for _ in range(_TRIES):
            port = random.choice(self._ports)  # noqa: S311  (spreads labs started at once; nothing secret)
            if all(_is_free(address, port) for address in wanted) and self._claim(port):
                return port
        message = f"No free port was found on {', '.join(wanted)}. Stop other labs (`evac lab down`) and try again."
        raise LabError(message)

    def _claim(self, port: int) -> bool:
        """Register the port, unless it is somebody's: then False, and a lab's that is gone is free the next time."""
        file = self._register / str(port)
        try:
            with file.open("x", encoding="utf-8") as claimed:
                claimed.write(str(self._home))
        except FileExistsError:
            _forget_if_left(file)
            return False
        return True


def _forget_if_left(file: Path) -> None:
    home = _home(file)
    if home is None or home.exists():
        return
    with suppress(FileNotFoundError):
        if time.time() - file.stat().st_mtime > _YOUNG:
            file.unlink()


def _home(file: Path) -> Path | None:
    """Whose port it is; None when that is not said yet, or no more."""
    with suppress(FileNotFoundError):
        return Path(text) if (text := file.read_text(encoding="utf-8")) else None
    return None


def _is_free(address: str, port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True
