"""What the server is told by its file (`evac serve --config evac-serve.yaml`). `load.py` reads it."""

import glob
import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from runbooks.values import Model
from triggers.alerts.endpoints import Endpoint
from triggers.console.settings import ConsoleSettings
from triggers.slack.settings import SlackSettings

VERSION = "evac-serve"
_PORTS = 65536


def _listen(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) < _PORTS):
        message = "give an address and a port, such as 127.0.0.1:8700"
        raise ValueError(message)
    return text


class ServeConfig(Model):
    """The server's file."""

    version: Literal[1] = Field(alias=VERSION)
    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8700"
    runbooks: Annotated[tuple[str, ...], Field(min_length=1)]
    """Files, by patterns such as `runbooks/*.yaml`, relative to the folder of this file; absolute once it is read."""
    alerts: tuple[Endpoint, ...] = ()
    slack: SlackSettings | None = None
    console: ConsoleSettings | None = None

    @property
    def host(self) -> str:
        """The address to listen on."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen on; 0: any free one."""
        return int(self.listen.rpartition(":")[2])

    @property
    def loopback(self) -> bool:
        """Only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def files(self) -> tuple[Path, ...]:
        """The runbooks' files as they are now, each once, sorted."""
        found = (Path(name) for pattern in self.runbooks for name in glob.glob(pattern, recursive=True))  # noqa: PTH207 - the patterns are absolute
        return tuple(sorted({path for path in found if path.is_file()}))
