"""A technology on one of the lab's real servers, which is reached through ways that can be bent."""

import shutil
from pathlib import Path
from typing import Any, ClassVar

from tests.conformance.bent import Bend, Way, Ways
from tests.conformance.specimen import Settings, Specimen

_IMPATIENT = 0.4
_WRONG = "not-the-password"


class OnLab(Specimen):
    """Must open its `ways`, and refer to secrets by `secret`.

    Bends are those of `bent.py`, and `deny`: a wrong password is really given to the server.
    """

    stored_in: ClassVar[str]
    """The fixture of its servers, which the suite gives as `store`."""
    store: Any
    all_ways: Ways
    """Those of this file's tests: given by the suite, too."""
    ways: tuple[Way, ...] = ()

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """All its ways, or its secrets."""
        if mode == "deny":
            for path in self._secrets.iterdir():
                path.write_text(_WRONG)
            return
        for way in self.ways:
            way.bend(Bend(mode, match, times))

    def straighten(self) -> None:
        """As the servers are."""
        self.all_ways.straighten()

    def changes(self) -> int:
        """What has passed on its ways; what the test does itself goes past them."""
        return sum(way.changes for way in self.ways)

    def impatient(self, settings: Settings) -> Settings:
        """Of the upstream, too."""
        return {
            key: self.impatient(value) if isinstance(value, dict) else _IMPATIENT if key == "connect_timeout" else value
            for key, value in settings.items()
        }

    def by_ways(self, settings: Settings, way: Way, **more: Any) -> Settings:
        """The same settings, through that way, and with secrets of its own; patient, since machines may be slow."""
        kept = {key: self._own(value) for key, value in settings.items()}
        return {**kept, "host": "127.0.0.1", "port": way.port, "connect_timeout": 5.0, **more}

    @property
    def _secrets(self) -> Path:
        folder = self.home / "secrets"
        folder.mkdir(exist_ok=True)
        return folder

    def _own(self, value: Any) -> Any:
        if not (isinstance(value, str) and value.startswith("file://")):
            return value
        path = Path(value.removeprefix("file://"))
        shutil.copyfile(path, self._secrets / path.name)
        return f"file://{self._secrets / path.name}"
