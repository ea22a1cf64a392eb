"""What a client saw of an outage: pure arithmetic over the attempts of its journal.

An outage is the longest time between two good attempts of one kind that ends after the kill (or has not ended yet).
So an answer that was on its way when the region died does not count as the first one after it.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import inf

from lab.journal import Attempt, Kind
from runbooks.values import Model, Seconds, UnixTime

MOST_NUMBERS = 20


class Gap(Model):
    """The time between two good attempts. `ended_at` is None while it lasts."""

    started_at: UnixTime
    ended_at: UnixTime | None
    seconds: Seconds


class Loss(Model):
    """Acknowledged writes that a store does not have. `seconds`: from the oldest of them to the outage."""

    store: str
    """The store and its region: `vector-db.eu-west-1`."""
    acknowledged: int
    missing: int
    numbers: tuple[int, ...] = ()
    """The first of them."""
    oldest_at: UnixTime | None = None
    seconds: Seconds = 0.0


class Report(Model):
    """What the client saw. The `..._without_...` are None when there was not even one good attempt."""

    client: str
    killed_at: UnixTime | None
    until: UnixTime
    attempted: int
    acknowledged: int
    answered: int
    """Questions answered rightly."""
    writes: Gap | None
    inference: Gap | None
    seconds_without_writes: Seconds | None
    seconds_without_inference: Seconds | None
    seconds_without_service: Seconds | None
    """From the first of the two that stopped to the last of them that came back."""
    recovered: bool
    """Both have come back."""
    regions_before: tuple[str, ...] = ()
    regions_after: tuple[str, ...] = ()
    """Who answered before the outage, and who after it."""
    complaints: tuple[str, ...] = ()
    """Why attempts failed, each reason once."""
    lost: tuple[Loss, ...] = ()


def report(attempts: Sequence[Attempt], *, until: UnixTime, killed_at: UnixTime | None = None) -> Report:
    """What the attempts say of the outage after `killed_at` (None: of the longest one), up to the moment `until`."""
    writes = longest_gap(_good_times(attempts, "write"), since=killed_at, until=until)
    inference = longest_gap(_good_times(attempts, "ask"), since=killed_at, until=until)
    gaps = [gap for gap in (writes, inference) if gap is not None]
    return Report(
        client=attempts[0].client if attempts else "",
        killed_at=killed_at,
        until=until,
        attempted=sum(attempt.kind == "write" for attempt in attempts),
        acknowledged=len(_good_times(attempts, "write")),
        answered=len(_good_times(attempts, "ask")),
        writes=writes,
        inference=inference,
        seconds_without_writes=writes.seconds if writes else None,
        seconds_without_inference=inference.seconds if inference else None,
        seconds_without_service=_without_service(gaps, until) if len(gaps) == len(("write", "ask")) else None,
        recovered=len(gaps) == len(("write", "ask")) and all(gap.ended_at is not None for gap in gaps),
        regions_before=_regions(attempts, before=min((gap.started_at for gap in gaps), default=until)),
        regions_after=_regions(attempts, after=max((gap.ended_at or until for gap in gaps), default=until)),
        complaints=tuple(dict.fromkeys(attempt.why for attempt in attempts if attempt.why))[:MOST_NUMBERS],
    )


def longest_gap(times: Sequence[UnixTime], *, since: UnixTime | None, until: UnixTime) -> Gap | None:
    """The longest time between two neighbours of the sorted times that ends after `since`; None without any time."""
    if not times:
        return None
    found = [Gap(started_at=a, ended_at=b, seconds=b - a) for a, b in pairwise(times) if since is None or b > since]
    last = Gap(started_at=times[-1], ended_at=None, seconds=max(0.0, until - times[-1]))
    return max([*found, last], key=lambda gap: gap.seconds)


def loss(attempts: Iterable[Attempt], present: frozenset[int], store: str, outage_at: UnixTime | None) -> Loss:
    """The acknowledged writes that are not among the numbers present in a store."""
    acknowledged = [attempt for attempt in attempts if attempt.kind == "write" and attempt.good]
    missing = sorted((a for a in acknowledged if a.n not in present), key=lambda attempt: attempt.at)
    oldest = missing[0].at if missing else None
    return Loss(
        store=store,
        acknowledged=len(acknowledged),
        missing=len(missing),
        numbers=tuple(attempt.n for attempt in missing[:MOST_NUMBERS] if attempt.n is not None),
        oldest_at=oldest,
        seconds=max(0.0, outage_at - oldest) if oldest is not None and outage_at is not None else 0.0,
    )


def _good_times(attempts: Iterable[Attempt], kind: Kind) -> list[UnixTime]:
    return sorted(attempt.at for attempt in attempts if attempt.kind == kind and attempt.good)


def _without_service(gaps: Sequence[Gap], until: UnixTime) -> Seconds:
    return max(gap.ended_at or until for gap in gaps) - min(gap.started_at for gap in gaps)


def _regions(attempts: Iterable[Attempt], *, before: UnixTime = inf, after: UnixTime = -inf) -> tuple[str, ...]:
    return tuple(sorted({a.region for a in attempts if a.good and a.region and after <= a.at <= before}))
