"""`promote.azure_redis`: have Azure swap two geo-replicated caches, so that this one takes the writes."""

import asyncio
from typing import Any

from activities.clients import azure_locks as locks
from activities.clients.azure import azure
from activities.clients.azure_redis import LINKS, LOOKS, NOTES, AzureRedisPlace, Cache, link, read_cache, why_unlike
from activities.contract import Job
from activities.errors import StepError
from activities.handing.place import Place
from activities.handing.promote import HandPromote
from runbooks.azure.databases import AzureRedisSettings
from runbooks.steps import ErrorType, StepResult

_PATIENCE = 2.0
"""Seconds that the check gives the cache of a region which may be dead."""


class PromoteSettings(AzureRedisSettings):
    """The secondary, and in a planned procedure the primary that it is linked to."""

    upstream: AzureRedisSettings | None = None


class PromoteAzureRedis(AzureRedisPlace, HandPromote[PromoteSettings]):
    """Orders Azure's failover, once, of a linked secondary, and is done when it takes writes.

    The link to the former primary may then still be being made: for that nobody waits, since its region may be dead. A
    cache that is linked to nothing is never promoted: linking would delete what the other one has.
    """

    uses = "promote.azure_redis"
    permissions = (*LOOKS, *NOTES, *LINKS)
    Settings = PromoteSettings

    async def _stood(self, job: Job[Any]) -> Place:
        seen = await super()._stood(job)
        assert isinstance(seen, Cache)
        upstream: AzureRedisSettings | None = job.settings.upstream
        if seen.role == "alone" and seen.epoch == job.call.epoch and not seen.broken:
            # This decision has begun: Azure is between the old link and the new one, or has stopped there.
            return seen.model_copy(update={"at_rest": False, "refuses": None})
        if seen.role == "standby" and upstream is not None and not seen.is_linked_to(upstream.cache_id):
            sentence = f"{seen.name} is linked to {seen.linked}, and not to {upstream.cache_id}: look at both."
            return seen.model_copy(update={"refuses": sentence})
        return seen

    async def _ready(self, job: Job[Any]) -> None:
        await super()._ready(job)
        upstream: AzureRedisSettings | None = job.settings.upstream
        if upstream is not None:  # the failover deletes what that one has
            await locks.refuse_locked(azure(job, upstream), upstream.cache_id)

    async def _check(self, job: Job[PromoteSettings]) -> StepResult:
        seen = await self._observe(job)
        reason = self._settled(job, seen)
        other = None if reason is not None else await self._other(job, seen)
        why_not = None if other is None else why_unlike(_cache(seen), other)
        if why_not is not None:
            raise StepError(ErrorType.WRONG_STATE, why_not, seen.evidence())
        return StepResult(changed=False, reason=reason or f"{self.uses} could be done now.", before=seen.evidence())

    async def _act(self, job: Job[PromoteSettings], seen: Place) -> str:
        said = await super()._act(job, seen)
        now = await self._stood(job)
        linking = [f"{name} ({state})" for name, state in now.others.items() if state != "streaming"]
        if not linking:
            return said
        return f"{said} It is being linked to {linking[0]}: what that one takes until then is deleted."

    async def _move(self, job: Job[PromoteSettings], seen: Place, *, planned: bool) -> None:
        del planned  # Azure has one failover for both
        own = _cache(seen)
        assert own.linked is not None
        ordered = asyncio.create_task(link(azure(job), job.settings, own.linked, own.linked_location))
        try:
            while not ordered.done():
                await asyncio.wait({ordered}, timeout=self.every)
                if not ordered.done() and await self._takes_writes(job):
                    return
            await ordered
        finally:
            ordered.cancel()
            await asyncio.gather(ordered, return_exceptions=True)

    async def _takes_writes(self, job: Job[PromoteSettings]) -> bool:
        try:
            now = await self._stood(job)
        except StepError as error:
            if error.final:
                raise
            return False  # a look that fails for a moment counts for nothing
        job.progress.text = f"{now.name} is {now.role} ({now.status})"
        return now.role == "primary" and now.at_rest

    async def _other(self, job: Job[PromoteSettings], seen: Place) -> Cache | None:
        """The primary that it is linked to; None when a failover finds nothing of it: then Azure itself will say."""
        upstream, linked = job.settings.upstream, _cache(seen).linked
        if upstream is not None:
            return await read_cache(azure(job, upstream), upstream)
        if linked is None:
            return None
        named = {"resource_group": linked.split("/")[4], "cache": linked.rpartition("/")[2]}
        given = job.settings.model_dump(include=set(AzureRedisSettings.model_fields))
        there = AzureRedisSettings.model_validate({**given, **named})
        try:
            async with asyncio.timeout(min(_PATIENCE, job.allowed / 3)):
                return await read_cache(azure(job, there), there)
        except (StepError, TimeoutError):
            return None


def _cache(seen: Place) -> Cache:
    assert isinstance(seen, Cache)
    return seen
