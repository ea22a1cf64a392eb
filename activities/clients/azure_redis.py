"""A cache of Azure Cache for Redis (Premium) and its geo-replication link: how it stands, and how the writer is moved.

A failover links both caches in the opposite direction, and is asked of the secondary: Azure makes the primary of it,
demotes the former one, deletes what that has, and links it. While it deletes the old link (`Deleting`) nothing has
moved yet; from `Creating` on the new primary takes writes, and the former one is unavailable until its copy is
complete. Access keys cannot be disabled while caches are linked, so they are no fence. The decision is in each cache's
tags.

https://learn.microsoft.com/azure/azure-cache-for-redis/cache-how-to-geo-replication
https://learn.microsoft.com/azure/azure-cache-for-redis/cache-azure-active-directory-for-authentication (access keys)
https://learn.microsoft.com/rest/api/redis/linked-server/create
"""

import asyncio
from typing import Any, ClassVar, Literal

from activities.azure import OnAzure, tag_epoch, tagged
from activities.clients import azure_locks as locks
from activities.clients.azure import Answer, Azure, azure
from activities.clients.azure_lag import read_lag as read_metric_lag
from activities.clients.azure_lag import read_young
from activities.contract import Job
from activities.handing.place import Handed, Place
from activities.lagging import Lag
from runbooks.azure.databases import AzureRedisSettings
from runbooks.steps import ErrorType

LOOKS = ("Microsoft.Cache/redis/read", "Microsoft.Cache/redis/linkedServers/read")
NOTES = (locks.READS, "Microsoft.Cache/redis/write", "Microsoft.Cache/locations/asyncOperations/read")
LINKS = ("Microsoft.Cache/redis/linkedServers/write",)

_UPDATE, _LINK = "redis.begin_update", "linked_server.begin_create"
_DONE, _NOTHING = "Succeeded", "linked to nothing"
_BROKEN = frozenset({"Deleting", "Disabled", "Failed", "Unprovisioning"})
"""States of a cache that end in nothing good by themselves."""
_REFUSED = {"InvalidRequestBody": ErrorType.WRONG_STATE}
"""What a link is answered that cannot be made: the runbook may be right."""


class Cache(Place):
    """As ARM shows it."""

    id: str
    location: str
    size: str
    """What must be equal for a failover: the size, and the number of shards."""
    linked: str | None = None
    """The id of the other cache of its link."""
    linked_location: str = ""
    broken: bool = False

    def is_linked_to(self, id_: str) -> bool:
        """That cache is the other one of its link."""
        return self.linked is not None and self.linked.lower() == id_.lower()


class AzureRedisPlace(OnAzure, Handed[AzureRedisSettings]):
    """One region's cache."""

    demotes: ClassVar[str] = "Azure makes it the secondary in the same failover, and deletes what it took meanwhile."

    @classmethod
    def scopes(cls, settings: AzureRedisSettings) -> tuple[str, ...]:
        """The cache, and in a step between two regions the other one."""
        upstream: AzureRedisSettings | None = getattr(settings, "upstream", None)
        return (settings.cache_id, *((upstream.cache_id,) if upstream is not None else ()))

    async def _see(self, job: Job[Any], settings: AzureRedisSettings) -> Cache:
        return await read_cache(azure(job, settings), settings)

    async def _note(self, job: Job[Any]) -> None:
        there, where = azure(job), _where(job.settings)
        found = await there.read("redis", "redis.get", *where)
        await there.operate("redis", _UPDATE, *where, {"tags": tagged(found, job.call.epoch)})

    async def _ready(self, job: Job[Any]) -> None:
        there = azure(job)
        await there.resume("redis", _UPDATE, *_where(job.settings), {})
        await locks.refuse_locked(there, job.settings.cache_id)


async def read_cache(there: Azure, settings: AzureRedisSettings) -> Cache:
    """Look. Raises StepError."""
    where = _where(settings)
    found, links = await asyncio.gather(
        there.read("redis", "redis.get", *where), there.pages("redis", "linked_server.list", *where)
    )
    link: Answer = links[0]["properties"] if links else {}  # Azure links two caches, and no more
    own, state = str(found["properties"]["provisioningState"]), str(link.get("provisioningState", _NOTHING))
    role = _role(link)
    linked = link.get("linkedRedisCacheId")
    name = str(found["name"])
    return Cache(
        name=name,
        id=found["id"],
        location=found["location"],
        size=_size(found["properties"]),
        role=role,
        status=state if own in {_DONE, state} else f"{state}, itself {own}",
        at_rest=state != "Deleting" if role == "primary" else own == _DONE and state in {_DONE, "Failed", _NOTHING},
        in_step=role == "standby" and state == _DONE,
        epoch=tag_epoch(found),
        linked=linked,
        linked_location=link.get("linkedRedisCacheLocation") or "",
        others={linked.rpartition("/")[2]: "streaming" if state == _DONE else state.lower()} if linked else {},
        broken=own in _BROKEN,
        refuses=_why_not(name, role, own),
    )


async def link(there: Azure, primary: AzureRedisSettings, secondary: str, location: str) -> None:
    """Make that cache the secondary of this one, and delete what it has; wait for its copy. Raises StepError.

    Where this one is the secondary of that one, it is the failover.
    """
    properties = {"linkedRedisCacheId": secondary, "linkedRedisCacheLocation": location, "serverRole": "Secondary"}
    name = secondary.rpartition("/")[2]
    await there.operate("redis", _LINK, *_where(primary), name, {"properties": properties}, meanings=_REFUSED)


async def cache_lag(there: Azure, cache: Cache) -> Lag:
    """How long ago a secondary was last in step with its primary. Raises StepError."""
    return await read_metric_lag(there, cache.id, "GeoReplicationConnectivityLag")


async def cache_unsent(there: Azure, cache: Cache) -> float | None:
    """About how many bytes a primary has to send yet; None: nothing is known of now. Raises StepError."""
    return await read_young(there, cache.id, "GeoReplicationDataSyncOffset")


def why_unlike(one: Cache, other: Cache) -> str | None:
    """The sentence why Azure would not swap them, or None."""
    if one.size == other.size:
        return None
    return f"{one.name} is {one.size} and {other.name} {other.size}: Azure swaps caches of one size only; scale one."


def _where(settings: AzureRedisSettings) -> tuple[str, str]:
    return settings.resource_group, settings.cache


def _role(link: Answer) -> Literal["primary", "standby", "alone"]:
    """A link tells the role of the other cache."""
    if not link:
        return "alone"
    return "standby" if link["serverRole"] == "Primary" else "primary"


def _size(properties: Answer) -> str:
    sku = properties["sku"]
    shards = int(properties.get("shardCount") or 0)
    return f"{sku['name']} {sku['family']}{sku['capacity']}" + (f" with {shards} shards" if shards else "")


def _why_not(name: str, role: str, own: str) -> str | None:
    if own in _BROKEN:
        return f"{name} is {own}: it cannot take the writes; look at it."
    if role == "alone":
        return (
            f"{name} is {_NOTHING}: it and its former primary may both take writes, and linking them deletes what one "
            "of them has. Look at both."
        )
    return None
