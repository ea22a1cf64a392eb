"""The single-writer probe, judged: two regions that take writes are a violation, and silence is said to be silence.

Pure: `activities/writers.py` asks, from each vantage point. What any of them saw counts, since each may be cut off
from another half of the system.
"""

from collections.abc import Iterable, Sequence

from pydantic import ValidationError

from runbooks.facts import DataValues
from runbooks.kinds import KINDS
from runbooks.models import Runbook
from runbooks.run_calls import WritersReport
from runbooks.steps import Reading
from runbooks.values import UnixTime

FRESH = 15.0
"""Seconds for which a reading may be acted on, as everywhere; an older one is silence."""

_Sighting = tuple[str, Reading]
"""Who saw it, and what."""


def data_resources(runbook: Runbook) -> tuple[str, ...]:
    """The resources that have one writer: those that the probe asks about."""
    return tuple(name for name, resource in runbook.resources.items() if KINDS[resource.kind].holds_data)


def violation(runbook: Runbook, reports: Sequence[WritersReport], at: UnixTime | None = None) -> str | None:
    """Which resource has more than one writer, and who saw each, or None. `at`: now; without it, the newest reading."""
    now = _now(reports, at)
    found = []
    for resource in data_resources(runbook):
        writers = {
            region: seen
            for region in runbook.regions
            if (seen := [(v, r) for v, r in _seen(reports, resource, region, now) if _writable(r)])
        }
        if len(writers) > 1:
            who = " and ".join(f"{region} ({_witnesses(seen, now)})" for region, seen in writers.items())
            found.append(f"{resource} takes writes in {len(writers)} regions: {who}")
    return "; ".join(found) or None


def unseen(
    runbook: Runbook,
    reports: Sequence[WritersReport],
    resources: Iterable[str] | None = None,
    at: UnixTime | None = None,
) -> tuple[str, ...]:
    """What no vantage point could see: there may be a writer. Of `resources`, by default of all that hold data."""
    now = _now(reports, at)
    return tuple(
        f"nobody could see {resource} in {region}: {_why(reports, resource, region, now)}"
        for resource in (data_resources(runbook) if resources is None else resources)
        for region in runbook.regions
        if not list(_seen(reports, resource, region, now))
    )


def _now(reports: Sequence[WritersReport], at: UnixTime | None) -> UnixTime:
    newest = (reading.observed_at for report in reports for reading in report.readings)
    return max(newest, default=0.0) if at is None else at


def _seen(reports: Sequence[WritersReport], resource: str, region: str, now: UnixTime) -> Iterable[_Sighting]:
    """Who has seen it a moment ago, answering: the only readings that say anything of its writer."""
    for vantage, reading in _asked(reports, resource, region):
        if reading.state == "healthy" and _young(reading, now) and _values(reading) is not None:
            yield vantage, reading


def _asked(reports: Sequence[WritersReport], resource: str, region: str) -> Iterable[_Sighting]:
    for report in reports:
        for reading in report.readings:
            if (reading.resource, reading.region) == (resource, region):
                yield report.vantage, reading


def _young(reading: Reading, now: UnixTime) -> bool:
    return abs(now - reading.observed_at) <= FRESH  # a clock far ahead would be young for ever


def _values(reading: Reading) -> DataValues | None:
    try:
        return DataValues.model_validate(reading.values)
    except ValidationError:
        return None


def _writable(reading: Reading) -> bool:
    values = _values(reading)
    return values is not None and values.writable


def _witnesses(seen: Sequence[_Sighting], now: UnixTime) -> str:
    return ", ".join(f"seen by {vantage} {_age(reading, now)}" for vantage, reading in seen)


def _age(reading: Reading, now: UnixTime) -> str:
    return f"{max(0.0, now - reading.observed_at):.1f} s ago"


def _why(reports: Sequence[WritersReport], resource: str, region: str, now: UnixTime) -> str:
    said = [
        f"{vantage}: {reading.reason.rstrip('.') or reading.state}, {_age(reading, now)}"
        for vantage, reading in _asked(reports, resource, region)
    ]
    return "; ".join(said) or "no vantage point answered"
