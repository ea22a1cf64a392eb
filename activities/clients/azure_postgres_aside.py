"""A server restored aside from the backups of an Azure Database for PostgreSQL flexible server: made, found, removed.

What bears the tags of a restore test, and nothing else, is ever deleted here.
https://learn.microsoft.com/azure/postgresql/backup-restore/concepts-backup-restore
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from activities.acting import View
from activities.clients.azure import Answer, Azure
from activities.clients.azure_postgres import RACES
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.azure.databases import AzurePostgresSettings
from runbooks.steps import ErrorType
from runbooks.values import Model

RUN_TAG, BOOK_TAG, OF_TAG, POINT_TAG = "evac-aside", "evac-aside-by", "evac-aside-of", "evac-aside-point"
"""Of which run and runbook it is, what it was restored from (small letters), and as of when (unix time)."""
_CREATE, _DELETE = "servers.begin_create_or_update", "servers.begin_delete"
_PASSES = frozenset({"Ready", "Provisioning", "Starting", "Restarting", "Updating"})
_WORKED_AT = _PASSES - {"Ready"} | {"Stopping"}
"""Azure is at work on it, and takes no other order before that has ended."""
_GONE_SOON = "Dropping"


class Source(Model):
    """The server whose backups are meant, and what there is of them."""

    id: str
    name: str
    region: str
    geo: bool
    """Its backups are kept in the paired region, too."""
    earliest: float | None
    """The oldest moment that could be restored; None: nothing could yet."""
    newest_full: str = ""
    newest_full_at: float | None = None
    databases: tuple[str, ...] = ()


class Aside(View):
    """A server that was restored aside."""

    name: str
    status: str
    tags: dict[str, str] = {}

    @property
    def console(self) -> str:
        """Where people look at it."""
        return "the Azure portal"

    @property
    def passing(self) -> bool:
        """Azure is at work on it, or it is fine."""
        return self.status in _PASSES

    @property
    def going(self) -> bool:
        """It is being deleted."""
        return self.status == _GONE_SOON


def group_of(settings: AzurePostgresSettings) -> str:
    """The resource group in which it is made."""
    return settings.restore_group or settings.resource_group


def name_of(job: Job[AzurePostgresSettings]) -> str:
    """The same for every attempt of one step, so that a second one finds what the first has begun."""
    digest = hashlib.sha256(f"{job.call.run}/{job.call.step}".encode()).hexdigest()[:8]
    return f"{job.settings.server[:40].rstrip('-')}-aside-{digest}"


async def read_source(there: Azure, settings: AzurePostgresSettings) -> Source:
    """The server itself, or the primary of which it is a replica: that one has the backups. Raises StepError."""
    raw = await there.read("postgres", "servers.get", settings.resource_group, settings.server)
    followed = raw["properties"].get("sourceServerResourceId")
    group, name = settings.resource_group, settings.server
    if followed and str(raw["properties"].get("replicationRole")).endswith("Replica"):
        parts = str(followed).strip("/").split("/")
        group, name = parts[3], parts[-1]
        raw = await there.read("postgres", "servers.get", group, name)
    listed = await there.pages("postgres", "backups_automatic_and_on_demand.list_by_server", group, name)
    whole = [one for one in listed if one["properties"].get("completedTime")]
    newest = max(whole, key=lambda one: _at(one["properties"]["completedTime"]) or 0.0, default=None)
    backup = raw["properties"].get("backup") or {}
    return Source(
        id=raw["id"],
        name=raw["name"],
        region=str(raw["location"]).replace(" ", "").lower(),
        geo=backup.get("geoRedundantBackup") == "Enabled",
        earliest=_at(backup.get("earliestRestoreDate")),
        newest_full=newest["name"] if newest is not None else "",
        newest_full_at=_at(newest["properties"]["completedTime"]) if newest is not None else None,
        databases=await read_databases(there, group, name),
    )


async def read_databases(there: Azure, group: str, server: str) -> tuple[str, ...]:
    """The names of its databases. Raises StepError."""
    return tuple(
        sorted(one["name"] for one in await there.pages("postgres", "databases.list_by_server", group, server))
    )


async def find_aside(there: Azure, group: str, name: str) -> Aside | None:
    """None: there is none of that name. Raises StepError."""
    try:
        return _aside(await there.read("postgres", "servers.get", group, name))
    except StepError as error:
        if error.kind is not ErrorType.NOT_FOUND:
            raise
        return None


async def find_orphans(job: Job[AzurePostgresSettings], there: Azure, source: Source) -> list[Aside]:
    """What earlier runs of this runbook have restored from that server, and could not remove. Raises StepError."""
    listed = await there.pages("postgres", "servers.list_by_resource_group", group_of(job.settings))
    found = [_aside(one) for one in listed]
    return [one for one in found if _is_orphan(one, job, source)]


async def restore_aside(job: Job[AzurePostgresSettings], there: Azure, source: Source, point: float) -> None:
    """Make it, as the source was at that moment, and wait. Raises StepError."""
    settings = job.settings
    network = {
        "delegatedSubnetResourceId": settings.delegated_subnet,
        "privateDnsZoneArmResourceId": settings.private_dns_zone,
    }
    given = {key: value for key, value in network.items() if value is not None}
    properties: dict[str, Any] = {
        "createMode": "PointInTimeRestore" if source.region == settings.azure_region else "GeoRestore",
        "sourceServerResourceId": source.id,
        "pointInTimeUTC": datetime.fromtimestamp(point, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        **({"network": given} if given else {}),
    }
    tags = {
        RUN_TAG: job.call.run[:256],
        BOOK_TAG: job.call.runbook[:256],
        OF_TAG: source.name,
        POINT_TAG: f"{point:.0f}",
    }
    body = {"location": settings.azure_region, "tags": tags, "properties": properties}
    await there.operate("postgres", _CREATE, group_of(settings), name_of(job), body, meanings=RACES)


async def remove_aside(job: Job[AzurePostgresSettings], there: Azure, name: str, *, every: float) -> None:
    """Delete it, and wait until it is gone. Raises StepError, also when it is not one that a restore test has made."""
    group = group_of(job.settings)
    found = await find_aside(there, group, name)
    if found is None:
        return
    if found.tags.get(BOOK_TAG) != job.call.runbook or RUN_TAG not in found.tags or name == job.settings.server:
        sentence = f"{name} bears no tag {BOOK_TAG} of this runbook: it is not Evac's, and is left. Look whose it is."
        raise StepError(ErrorType.CONFLICT, sentence)
    now, _ = await poll(
        lambda: find_aside(there, group, name),
        lambda now: now is None or now.status not in _WORKED_AT,
        every=every,
        within=job.allowed,
    )
    if now is not None and not now.going:
        await there.operate("postgres", _DELETE, group, name, meanings=RACES)
    left, gone = await poll(
        lambda: find_aside(there, group, name), lambda now: now is None, every=every, within=job.allowed
    )
    if not gone and left is not None:
        raise StepError(
            ErrorType.NOT_YET, f"{name} is still being deleted ({left.status}): look at it, since it costs."
        )


def _is_orphan(found: Aside, job: Job[AzurePostgresSettings], source: Source) -> bool:
    tags, run = found.tags, job.call.run[:256]
    ours = tags.get(BOOK_TAG) == job.call.runbook[:256] and tags.get(OF_TAG) == source.name
    return ours and tags.get(RUN_TAG, run) != run


def _aside(raw: Mapping[str, Any] | Answer) -> Aside:
    return Aside(name=raw["name"], status=str(raw["properties"].get("state")), tags=raw.get("tags") or {})


def _at(text: Any) -> float | None:  # noqa: ANN401 - a part of an answer
    return datetime.fromisoformat(str(text)).timestamp() if text else None
