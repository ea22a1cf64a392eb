"""Which regions are cut off from the rest of the world now: kept in `HOME/links`, heeded by every region's edge.

The edges read `links.json` when they are told to, and note in `REGION.seen` which version they have heeded.
"""

from contextlib import suppress
from pathlib import Path

from lab.topology import write_atomically
from runbooks.values import Model


class Cuts(Model):
    """The regions that are cut off, and those among them that not even the power controller reaches."""

    version: int = 0
    cut: tuple[str, ...] = ()
    powerless: tuple[str, ...] = ()


class Links:
    """The links of a lab's regions."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "links"

    def read(self) -> Cuts:
        """As they are ordered; whole when they were never touched."""
        with suppress(FileNotFoundError):
            return Cuts.model_validate_json((self._folder / "links.json").read_text())
        return Cuts()

    def cut(self, region: str, *, power: bool) -> Cuts:
        """Order a region to be cut off; `power`: the power controller still reaches it."""
        before = self.read()
        others = [name for name in before.powerless if name != region]
        return self._write(
            before, cut={*before.cut, region}, powerless={*others, region} - ({region} if power else set())
        )

    def mend(self, region: str) -> Cuts:
        """Order a region's links to be whole again."""
        before = self.read()
        return self._write(before, cut=set(before.cut) - {region}, powerless=set(before.powerless) - {region})

    def heed(self, region: str, version: int) -> None:
        """An edge notes what it has done."""
        write_atomically(self._folder / f"{region}.seen", f"{version}\n")

    def heeded(self, region: str) -> int:
        """The newest version that the region's edge has heeded."""
        with suppress(FileNotFoundError):
            return int((self._folder / f"{region}.seen").read_text())
        return -1

    def _write(self, before: Cuts, *, cut: set[str], powerless: set[str]) -> Cuts:
        after = Cuts(version=before.version + 1, cut=tuple(sorted(cut)), powerless=tuple(sorted(powerless)))
        write_atomically(self._folder / "links.json", after.model_dump_json() + "\n")
        return after
