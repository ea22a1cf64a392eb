"""`reseed.azure_redis`: the former primary is the geo-secondary again. What only it has is deleted."""

from activities.clients import azure_locks as locks
from activities.clients.azure import azure
from activities.clients.azure_redis import LINKS, LOOKS, NOTES, AzureRedisPlace, Cache, link, why_unlike
from activities.contract import Job
from activities.errors import StepError
from activities.handing.place import Place, until
from activities.handing.reseed import HandReseed
from activities.stale import refuse_stale
from runbooks.azure.databases import AzureRedisSettings
from runbooks.steps import ErrorType


class FollowerSettings(AzureRedisSettings):
    """The former primary, and the cache that it is to follow."""

    upstream: AzureRedisSettings


class ReseedAzureRedis(AzureRedisPlace, HandReseed[FollowerSettings]):
    """A failover links it by itself, and this waits for that; where somebody has unlinked both, they are linked."""

    uses = "reseed.azure_redis"
    permissions = (*LOOKS, *NOTES, *LINKS)
    Settings = FollowerSettings

    async def _observe(self, job: Job[FollowerSettings]) -> Place:
        seen = await self._stood(job)
        assert isinstance(seen, Cache)
        upstream = job.settings.upstream
        why_not: str | None = None
        if seen.role == "alone":
            why_not = await self._why_not(job, seen)
        elif not seen.is_linked_to(upstream.cache_id):
            why_not = f"{seen.name} is linked to {seen.linked}, and not to {upstream.cache}: look at both."
        if why_not is not None:
            raise StepError(ErrorType.WRONG_STATE, why_not, seen.evidence())
        return seen

    async def _ready(self, job: Job[FollowerSettings]) -> None:
        await super()._ready(job)
        seen = await self._observe(job)
        await until(self, job, seen, lambda now: "" if now.at_rest else None, "at rest")

    async def _rejoin(self, job: Job[FollowerSettings], seen: Place) -> None:
        del seen  # it may have been linked meanwhile
        now = await self._observe(job)
        assert isinstance(now, Cache)
        if now.role == "alone":
            there = azure(job, job.settings.upstream)
            await locks.refuse_locked(there, job.settings.upstream.cache_id)
            await link(there, job.settings.upstream, now.id, now.location)

    async def _why_not(self, job: Job[FollowerSettings], own: Cache) -> str | None:
        """The sentence why the upstream cannot be linked to it, or None. Raises StepError."""
        upstream = job.settings.upstream
        above = await self._see(job, upstream)
        refuse_stale(job, above.epoch, f"{above.name} ({upstream.azure_region})")
        return _why_not(own, above)


def _why_not(own: Cache, above: Cache) -> str | None:
    """The sentence why they cannot be linked, or None."""
    if own.broken or above.broken:
        return f"{own.name} is {own.status} and {above.name} {above.status}: both must be well to be linked."
    if above.role == "standby":
        return f"{above.name} is a standby, of {above.linked}: nothing can follow it. Look where the writer is."
    if above.role == "primary" and not above.is_linked_to(own.id):
        return f"{above.name} is linked to {above.linked} already, and Azure links two caches only: unlink them first."
    return why_unlike(own, above)
