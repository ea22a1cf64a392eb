"""Azure Cache for Redis: the geo-primary here, its secondary there."""

from typing import Any, ClassVar

from tests.activities.calls import perform
from tests.azure.databases import REDIS, redis, redis_cache, redis_link, stand_redis, tell_redis_lag, unlink_redis
from tests.conformance.specimen import OnAzure, Settings


class _AzureRedis(OnAzure):
    async def stand(self) -> Settings:
        """Both."""
        stand_redis(self.azure, self.name)
        tell_redis_lag(self.azure, self.name, 1.0)
        return redis(self.azure, self.name, self.there)

    async def effect(self) -> Any:
        """What each says of its link, what it holds, and the decision."""
        seen = {}
        for region in (self.here, self.there):
            link, cache = redis_link(self.azure, self.name, region) or {}, redis_cache(self.azure, self.name, region)
            seen[region] = (link.get("serverRole"), cache["data"], cache["tags"].get("evac-epoch"))
        return seen

    async def absent(self, settings: Settings) -> Settings:
        """Another cache."""
        return {**settings, "cache": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has locked it."""
        region = settings["azure_region"]
        self.azure.arm.locks[self.azure.id_of(REDIS, settings["cache"], region=region)] = "ReadOnly"
        return settings

    @property
    def upstream(self) -> Settings:
        """The primary's settings."""
        return redis(self.azure, self.name, self.here)


class DetectAzureRedis(_AzureRedis):
    """A look at the secondary."""

    uses = "detect.azure_redis"

    async def spoil(self, settings: Settings) -> Settings:
        """Azure has switched it off."""
        redis_cache(self.azure, self.name, self.there)["properties"]["provisioningState"] = "Disabled"
        return settings


class FenceAzureRedis(_AzureRedis):
    """The decision is noted at the primary."""

    uses = "fence.azure_redis"
    cannot: ClassVar[dict[str, str]] = {
        "hangs": "a silent region is an answer of its own: tests/activities/handing/test_fence.py"
    }

    async def stand(self) -> Settings:
        """Of the primary."""
        await super().stand()
        return self.upstream


class CatchUpAzureRedis(_AzureRedis):
    """The secondary is hardly behind."""

    uses = "catch_up.azure_redis"

    async def stand(self) -> Settings:
        """Near is asked for."""
        return {**await super().stand(), "upstream": self.upstream}

    async def spoil(self, settings: Settings) -> Settings:
        """It follows nobody."""
        unlink_redis(self.azure, self.name)
        return settings


class PromoteAzureRedis(_AzureRedis):
    """Azure swaps both."""

    uses = "promote.azure_redis"
    lost = f"{REDIS}/linkedServers/write"


class ReseedAzureRedis(_AzureRedis):
    """Somebody has unlinked both after a failover: the former primary is linked again."""

    uses = "reseed.azure_redis"
    lost = f"{REDIS}/linkedServers/write"

    async def stand(self) -> Settings:
        """Each takes writes of its own."""
        there = await super().stand()
        await perform("promote.azure_redis", {**there, "upstream": self.upstream}, within=self.within, epoch=1)
        unlink_redis(self.azure, self.name)
        redis_cache(self.azure, self.name, self.here)["data"] = "strays"
        return {**self.upstream, "upstream": there}

    async def absent(self, settings: Settings) -> Settings:
        """There is no such upstream."""
        return {**settings, "upstream": {**settings["upstream"], "cache": "none"}}
