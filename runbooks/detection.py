"""Who says what of a region: a quorum of the vantage points outside it makes it down, and silence counts for nothing.

Pure: the detector (`workflows/watch.py`) and the vetoes judge by it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from runbooks.models import Runbook
from runbooks.runs import Verdict


@dataclass(frozen=True)
class Words:
    """What is said of one region by the vantage points whose word counts for it."""

    region: str
    needed: int
    outside: tuple[str, ...]
    bad: tuple[Verdict, ...]
    good: tuple[Verdict, ...]

    @property
    def down(self) -> bool:
        """A quorum calls it down."""
        return len(self.bad) >= self.needed

    @property
    def up(self) -> bool:
        """A quorum calls it healthy."""
        return len(self.good) >= self.needed

    @property
    def seen_by(self) -> tuple[str, ...]:
        """Who sees it down."""
        return places(self.bad)

    @property
    def silent(self) -> tuple[str, ...]:
        """Who says nothing of it."""
        return tuple(sorted({*self.outside} - {*places(self.bad), *places(self.good)}))

    @property
    def count(self) -> str:
        """How far it is from a quorum, in words."""
        return f"{len(self.bad)} of the {self.needed} vantage points needed see {self.region} down"


def words(runbook: Runbook, verdicts: Iterable[Verdict], region: str, deaf: Collection[str] = ()) -> Words:
    """What counts of the verdicts about the region; the word of whoever is `deaf` does not."""
    outside = runbook.vantages_for(region)
    said = [v for v in verdicts if v.region == region and v.vantage in outside and v.vantage not in deaf]
    return Words(
        region=region,
        needed=runbook.quorum_for(region),
        outside=outside,
        bad=tuple(v for v in said if v.state == "unhealthy"),
        good=tuple(v for v in said if v.state == "healthy"),
    )


def doubts(seen: Words, probes: Mapping[str, str]) -> tuple[str, ...]:
    """Why nothing is done about a region that is not down, where there is a reason to speak of it at all.

    `probes`: the vantage points whose own probe is most likely broken, and why.
    """
    found = [seen.count] if seen.bad else []
    alone = one_alone(seen)
    if alone is not None:
        found.append(alone)
    found += [f"{v} {probes[v]}: its own probe is most likely broken" for v in seen.seen_by if v in probes]
    able = len(seen.bad) + len(seen.good)
    if able < seen.needed:
        silent = ", ".join(seen.silent)
        found.append(
            f"only {able} of the {len(seen.outside)} vantage points outside {seen.region} can speak of it, "
            f"and {seen.needed} are needed: its failure would not be noticed (silent: {silent})"
        )
    return tuple(found)


def one_alone(seen: Words) -> str | None:
    """One vantage point alone sees it down, and others see it healthy: most likely its own way is cut."""
    if len(seen.bad) != 1 or not seen.good:
        return None
    healthy = " and ".join(places(seen.good))
    see = "sees" if len(seen.good) == 1 else "see"
    return f"only {seen.bad[0].vantage} sees {seen.region} down, while {healthy} {see} it healthy"


def broken(runbook: Runbook, verdicts: Sequence[Verdict]) -> dict[str, str]:
    """The vantage points that see every region down, or none at all: their own probe is most likely broken.

    A vantage point in a region always reaches its own; where two others are left, those are every region to it.
    """
    found = {}
    for vantage in sorted({v.vantage for v in verdicts}):
        regions = [region for region in runbook.regions if region != vantage]
        asked = regions if len(regions) > 1 else list(runbook.regions)
        states = {v.region: v.state for v in verdicts if v.vantage == vantage}
        seen = {states.get(region, "unknown") for region in asked}
        if seen == {"unhealthy"}:
            found[vantage] = "sees every region down"
        elif seen == {"unknown"}:
            found[vantage] = "can see no region at all"
    return found


def places(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """The vantage points that gave them, sorted."""
    return tuple(sorted({v.vantage for v in verdicts}))
