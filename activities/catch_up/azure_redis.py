"""`catch_up.azure_redis`: wait until a geo-secondary is hardly behind its primary, by Azure Monitor's metrics."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from pydantic import JsonValue

from activities.catching_up import CatchUp, Nearness
from activities.clients import azure_metrics
from activities.clients.azure import azure
from activities.clients.azure_redis import LOOKS, AzureRedisPlace, Cache, cache_lag, cache_unsent, read_cache
from activities.contract import Job
from activities.errors import StepError
from activities.lagging import Lag
from runbooks.azure.databases import AzureRedisSettings
from runbooks.steps import ErrorType


class CatchUpSettings(AzureRedisSettings, Nearness):
    """A secondary, and the primary that it must be near to, or have everything of."""

    upstream: AzureRedisSettings


@dataclass(frozen=True)
class Gap:
    """Both caches, and how far the one is behind."""

    standby: Cache
    primary: Cache
    lag: Lag
    unsent: float | None
    """About how many bytes the primary has to send yet, where that is known."""
    exact: bool

    @property
    def name(self) -> str:
        """The secondary's."""
        return self.standby.name

    @property
    def why_apart(self) -> str | None:
        """The sentence why it does not follow, or None."""
        if self.standby.role == "standby" and self.standby.is_linked_to(self.primary.id):
            return None
        linked = f"linked to {self.standby.linked}" if self.standby.linked else "linked to nothing"
        return f"{self.name} is {self.standby.role} ({linked}), and follows not {self.primary.name}: reseed it first."

    def evidence(self) -> dict[str, JsonValue]:
        """What Azure shows of both, and its metrics."""
        seen = {"standby": self.standby.evidence(), "primary": self.primary.evidence()}
        return {**seen, "lag": self.lag.evidence(), "unsent_bytes": self.unsent}


class CatchUpAzureRedis(AzureRedisPlace, CatchUp[CatchUpSettings, Gap]):
    """Waits until replication is quick. That everything has arrived it cannot prove: writes go on to the last moment.

    Where everything is asked for it answers so (`proved` is False): then a person decides.
    """

    uses = "catch_up.azure_redis"
    permissions = (*LOOKS, azure_metrics.READS)
    Settings = CatchUpSettings
    every: ClassVar[float] = 2.0

    async def _observe(self, job: Job[CatchUpSettings]) -> Gap:
        settings, upstream = job.settings, job.settings.upstream
        here, there = azure(job), azure(job, upstream)
        standby, primary = await asyncio.gather(read_cache(here, settings), read_cache(there, upstream))
        lag, unsent = await asyncio.gather(cache_lag(here, standby), cache_unsent(there, primary))
        seen = Gap(standby, primary, lag, unsent, settings.exact)
        if seen.why_apart is not None:
            raise StepError(ErrorType.WRONG_STATE, seen.why_apart, seen.evidence())
        return seen

    def _proved(self, seen: Gap) -> bool:
        return not seen.exact

    def _settled(self, job: Job[CatchUpSettings], seen: Gap) -> str | None:
        seconds = seen.lag.seconds
        if seconds is None or seconds > job.settings.near or not seen.standby.in_step:
            return None
        if not seen.exact:
            return f"{seen.name} is {seen.lag.said}, which is near enough."
        unsent = "an unknown number of bytes" if seen.unsent is None else f"about {seen.unsent:.0f} bytes"
        return (
            f"{seen.name} is {seen.lag.said}, and {unsent} are to be sent by {seen.primary.name}, which takes writes "
            "until the promotion: what is written in the last moments may be lost. Skip this step to accept that."
        )
