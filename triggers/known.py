"""Which runbooks there are: Evac keeps no list of them, so those count that run, have run, are watched or scheduled."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from temporalio.client import Client

from runbooks.timetable import ScheduleState
from runbooks.values import Model, UnixTime
from triggers import names
from triggers.look import Execution, executions
from triggers.schedules import schedules

_COMPOSITES = ("drill", "readiness", "restore-test")
_KINDS = f"WorkflowType IN ({names.QUOTED_RUNS}, {', '.join(repr(kind) for kind in _COMPOSITES)}, '{names.WATCH}')"
_STAMP = "%Y%m%dT%H%M%SZ"


class Happened(Model):
    """What went, and when it began."""

    procedure: str
    at: UnixTime


class Known(Model):
    """One runbook, by what is known of it."""

    runbook: str
    going: tuple[Happened, ...] = ()
    watched: bool = False
    last: Happened | None = None
    """The newest that has ended, by Temporal or by the records."""
    records: int = 0
    schedules: tuple[ScheduleState, ...] = ()


async def in_temporal(client: Client) -> dict[str, Known]:
    """Those that Temporal knows, by name."""
    found, planned = await asyncio.gather(executions(client, _KINDS), schedules(client))
    by_name: dict[str, list[Execution]] = {}
    for one in found:
        by_name.setdefault(runbook_of(one.workflow_id), []).append(one)
    scheduled = {name: tuple(one for one in planned if one.runbook == name) for name in {p.runbook for p in planned}}
    return {
        name: _known(name, by_name.get(name, []), scheduled.get(name, ())) for name in sorted({*by_name, *scheduled})
    }


async def named_in_temporal(client: Client) -> set[str]:
    """Only their names, of the newest that ran or are watched: quicker."""
    return {runbook_of(one.workflow_id) for one in await executions(client, _KINDS)}


def runbook_of(workflow_id: str) -> str:
    """The runbook of a workflow of ours: `evac/<runbook>` and what is below it."""
    return workflow_id.split("/")[1]


def _known(name: str, found: Iterable[Execution], planned: tuple[ScheduleState, ...]) -> Known:
    runs = [one for one in found if one.kind != names.WATCH]
    ended = [Happened(procedure=one.kind, at=one.started_at) for one in runs if not one.open]
    return Known(
        runbook=name,
        going=tuple(Happened(procedure=one.kind, at=one.started_at) for one in runs if one.open),
        watched=any(one.open for one in found if one.kind == names.WATCH),
        last=max(ended, key=lambda one: one.at, default=None),
        schedules=planned,
    )


def in_records(folder: Path) -> dict[str, Known]:
    """Those that have left a record here, by name."""
    try:
        places = sorted(place for place in folder.iterdir() if place.is_dir() and place.name[0] not in "_.")
    except OSError:  # there is no folder yet, or it may not be read: nothing is known by it
        return {}
    return {place.name: _recorded(place) for place in places}


def _recorded(place: Path) -> Known:
    kept = [one for one in map(_happened, sorted(path.name for path in place.iterdir())) if one is not None]
    return Known(runbook=place.name, last=max(kept, key=lambda one: one.at, default=None), records=len(kept))


def _happened(name: str) -> Happened | None:
    """From the name of a record's folder, `20261124T120000Z-failover-0198a7c2`; None for anything else."""
    stamp, _, rest = name.partition("-")
    procedure = rest.rpartition("-")[0]
    try:
        at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    return Happened(procedure=procedure, at=at) if procedure else None


def together(*sources: dict[str, Known]) -> list[Known]:
    """All of them, each once, by name."""
    found: dict[str, Known] = {}
    for known in (one for source in sources for one in source.values()):
        found[known.runbook] = _both(found[known.runbook], known) if known.runbook in found else known
    return [found[name] for name in sorted(found)]


def _both(one: Known, other: Known) -> Known:
    last = max((each for each in (one.last, other.last) if each is not None), key=lambda each: each.at, default=None)
    return Known(
        runbook=one.runbook,
        going=one.going + other.going,
        watched=one.watched or other.watched,
        last=last,
        records=one.records + other.records,
        schedules=one.schedules + other.schedules,
    )
