"""`restore.azure_postgres`: prove that a flexible server can be restored from its backups, where it would be needed.

In the server's own region from what is kept there; in another one, which must be its paired region, from the
geo-redundant copies. It is restored aside to a server of its own, whose databases are compared, and removed.

https://learn.microsoft.com/azure/postgresql/backup-restore/concepts-backup-restore
"""

import time
from collections.abc import Mapping
from typing import ClassVar

from pydantic import JsonValue

from activities.azure import OnAzure
from activities.clients.azure import Azure, azure
from activities.clients.azure_locks import READS, refuse_locked
from activities.clients.azure_postgres_aside import (
    POINT_TAG,
    Aside,
    Source,
    find_aside,
    find_orphans,
    group_of,
    name_of,
    read_databases,
    read_source,
    remove_aside,
    restore_aside,
)
from activities.contract import Job, Technology
from activities.errors import StepError
from activities.settling import until
from runbooks.azure.databases import AzurePostgresSettings
from runbooks.models import Query
from runbooks.restoring import AGE
from runbooks.steps import ErrorType, StepResult
from runbooks.values import Seconds

_SERVERS = "Microsoft.DBforPostgreSQL/flexibleServers"
_LOOKS = (f"{_SERVERS}/read", f"{_SERVERS}/backups/read", f"{_SERVERS}/databases/read")
_JOINS = ("Microsoft.Network/virtualNetworks/subnets/join/action", "Microsoft.Network/privateDnsZones/join/action")
_LOGS_BEHIND = 600.0
"""Seconds: the log is backed up every five minutes, so this moment can be restored in the region itself."""
_COPIES_BEHIND = 5400.0
"""Seconds: what is copied to the paired region may come an hour later."""
_FULL_EVERY = 2 * 86400.0
"""A full backup is made every day: when the newest one is older than this, they are made no more."""


class RestoreSettings(AzurePostgresSettings):
    """The server whose backups are meant, and what is demanded of them."""

    max_age: Seconds = 86400.0
    queries: tuple[Query, ...] = ()


class RestoreAzurePostgres(OnAzure, Technology[RestoreSettings]):
    """Leaves nothing behind, nor what an earlier run has left; `proved=False` with the sentence when it cannot be."""

    uses = "restore.azure_postgres"
    permissions = (
        READS,
        *_LOOKS,
        f"{_SERVERS}/delete",
        f"{_SERVERS}/write",
        "Microsoft.DBforPostgreSQL/locations/azureAsyncOperation/read",
        "Microsoft.DBforPostgreSQL/locations/operationResults/read",
        *_JOINS,
    )
    Settings = RestoreSettings
    every: ClassVar[float] = 5.0

    @classmethod
    def scopes(cls, settings: RestoreSettings) -> tuple[str, ...]:
        """None that it shares with other technologies: what may delete servers is a role of its own (`wider`)."""
        del settings
        return ()

    @classmethod
    def wider(cls, settings: RestoreSettings) -> Mapping[str, tuple[str, ...]]:
        """The group in which servers are made aside, the network that they join, and the server: that is looked at."""
        group = f"/subscriptions/{settings.subscription}/resourceGroups/{group_of(settings)}"
        joined = zip((settings.delegated_subnet, settings.private_dns_zone), _JOINS, strict=True)
        there = tuple(one for one in cls.permissions if one not in _JOINS)
        joins = {place: (join,) for place, join in joined if place is not None}
        return {settings.server_id: _LOOKS, group: there, **joins}

    async def _run(self, job: Job[RestoreSettings]) -> StepResult:
        there = azure(job)
        source = await read_source(there, job.settings)
        for orphan in await find_orphans(job, there, source):
            job.progress.text = f"{orphan.name} is left from an earlier run, and is removed"
            await remove_aside(job, there, orphan.name, every=self.every)
        found = await find_aside(there, group_of(job.settings), name_of(job))
        if found is not None and found.going:  # an attempt that had ended well died before it could say so
            await remove_aside(job, there, found.name, every=self.every)
            found = None
        point = _point(source, job, found)
        why_not = _why_not(source, job, point) if found is None else None
        if why_not is not None:
            return _result(source, {}, [why_not])
        began = time.monotonic()
        try:
            missing = await self._restored(job, there, source, point, found)
        except StepError as error:
            if error.kind is not ErrorType.WRONG_STATE or error.evidence.get("lock") is not None:
                raise
            await remove_aside(job, there, name_of(job), every=self.every)
            return _result(source, {}, [f"The backups of {source.name} cannot be restored: {error.sentence}"])
        seconds = round(time.monotonic() - began, 1)
        await remove_aside(job, there, name_of(job), every=self.every)
        more: dict[str, JsonValue] = {AGE: round(time.time() - point, 3), "seconds": seconds, "aside": name_of(job)}
        return _result(source, more, [*missing, *_unasked(job), *_too_old(point, job)])

    async def _check(self, job: Job[RestoreSettings]) -> StepResult:
        """Are there backups, are they still made, and would they be where they are needed? Nothing is restored."""
        source = await read_source(azure(job), job.settings)
        why_not = _why_not(source, job, _point(source, job, None))
        return _result(source, {}, [*([why_not] if why_not else []), *_unasked(job)], looked=True)

    async def _restored(
        self, job: Job[RestoreSettings], there: Azure, source: Source, point: float, found: Aside | None
    ) -> list[str]:
        """Restored and Ready: what is missing in it."""
        group, name = group_of(job.settings), name_of(job)
        if found is None:
            # What could not be deleted again is not made.
            await refuse_locked(
                there, f"/subscriptions/{job.settings.subscription}/resourceGroups/{group}", deletes=True
            )
            await restore_aside(job, there, source, point)

        async def look() -> Aside:
            now = await find_aside(there, group, name)
            if now is None:
                raise StepError(ErrorType.WRONG_STATE, f"Azure has not made {name} of it.")
            return now

        await until(job, look, lambda now: now.status == "Ready", every=self.every, wanted="Ready")
        there_too = set(await read_databases(there, group, name))
        gone = [one for one in source.databases if one not in there_too]
        return [f"What was restored has no database {one}, which {source.name} has." for one in gone]


def _point(source: Source, job: Job[RestoreSettings], found: Aside | None) -> float:
    """As of when it is restored: the newest moment that can be counted on; that of an earlier attempt, if there is."""
    kept = found.tags.get(POINT_TAG, "") if found is not None else ""
    if kept.isdecimal():
        return float(kept)
    return time.time() - (_LOGS_BEHIND if source.region == job.settings.azure_region else _COPIES_BEHIND)


def _why_not(source: Source, job: Job[RestoreSettings], point: float) -> str | None:
    """The sentence why nothing could be restored there; None: it could."""
    place = job.settings.azure_region
    if source.region != place and not source.geo:
        return (
            f"The backups of {source.name} are kept in {source.region} alone (geo-redundant backup, which is chosen "
            f"when a server is made, is off): in {place} nothing of them could be restored."
        )
    if source.earliest is None or source.newest_full_at is None:
        return f"There is no backup of {source.name} yet."
    if source.earliest > point:
        begun = time.time() - source.earliest
        return f"The backups of {source.name} begin {begun:.0f} s ago: that is too late to restore them in {place}."
    old = time.time() - source.newest_full_at
    if old > _FULL_EVERY:
        return f"The newest full backup of {source.name} is {old:.0f} s old: they are made no more."
    return None


def _too_old(point: float, job: Job[RestoreSettings]) -> list[str]:
    age, limit = time.time() - point, job.settings.max_age
    return [f"What was restored is {age:.0f} s old, and {limit:.0f} s are allowed."] if age > limit else []


def _unasked(job: Job[RestoreSettings]) -> list[str]:
    if not job.settings.queries:
        return []
    return ["Queries cannot be asked of a server that Azure restores aside: take them out, and ask by hand."]


def _result(source: Source, more: dict[str, JsonValue], faults: list[str], *, looked: bool = False) -> StepResult:
    """Nothing was changed: what was restored is gone again."""
    seen: dict[str, JsonValue] = {
        "source": source.id,
        "backup": source.newest_full,
        "geo_redundant": source.geo,
        "earliest": source.earliest,
        "databases": list(source.databases),
        **more,
    }
    said = "are there" if looked else f"were restored aside in {more.get('seconds')} s, and that was removed"
    reason = " ".join(faults) or f"The backups of {source.name} {said}."
    return StepResult(changed=False, proved=not faults, reason=reason, before=seen, after={} if looked else seen)
