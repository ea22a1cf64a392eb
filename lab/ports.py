"""Free ports for a lab, so that two labs stand side by side on one machine."""

import random
import socket
from collections.abc import Iterable

from lab.errors import LabError

# Below the range from which the system gives ports to outgoing connections (32768 and up): a port chosen here is not
# taken by a chance connection while its server is down, so a killed server can come back to its address.
_RANGE = range(20000, 32000)
_TRIES = 200


class PortChooser:
    """Chooses ports that are free now on all the addresses asked for, and never the same twice."""

    def __init__(self) -> None:
        self._taken: set[int] = set()

    def free(self, addresses: Iterable[str]) -> int:
        """One port that is free, for TCP and UDP, on every one of the addresses. Raises LabError."""
        wanted = tuple(addresses)
        for _ in range(_TRIES):
            port = random.choice(_RANGE)  # noqa: S311  (spreads labs started at once; nothing secret)
            if port not in self._taken and all(_is_free(address, port) for address in wanted):
                self._taken.add(port)
                return port
        message = f"No free port was found on {', '.join(wanted)}. Stop other labs (`evac lab down`) and try again."
        raise LabError(message)


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
