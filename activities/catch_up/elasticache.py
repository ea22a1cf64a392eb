"""`catch_up.elasticache`: wait until a secondary is hardly behind its primary."""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.awaiting import Wait
from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.elasticache import LAGS, SEES, Lag, arns, called, read_lag
from activities.contract import Job
from activities.reseed.elasticache import FollowerSettings, Pair, read_pair


class CatchUpSettings(FollowerSettings):
    """A group, and the one that it must be near to, or have everything of."""

    exact: bool = False


@dataclass(frozen=True)
class Distance:
    """Both groups, and how far the one is behind."""

    pair: Pair
    lag: Lag | None
    exact: bool

    def evidence(self) -> dict[str, JsonValue]:
        """What AWS shows of both."""
        return {**self.pair.evidence(), "lag_seconds": None if self.lag is None else self.lag.seconds}


class CatchUpElasticache(OnAws, Wait[CatchUpSettings, Distance]):
    """Waits until replication is quick. That everything has arrived it cannot prove: writes go on to the last moment.

    Where everything is asked for it answers so (`proved` is False): then a person decides.
    """

    uses = "catch_up.elasticache"
    tested_against = "moto + fake (Global Datastores)"
    permissions = (*SEES, *LAGS)
    unscoped = frozenset(LAGS)
    Settings = CatchUpSettings

    @classmethod
    def arns(cls, settings: CatchUpSettings) -> tuple[str, ...]:
        """The group and its datastore; the other group is its own region's."""
        return arns(settings)

    async def _observe(self, job: Job[CatchUpSettings]) -> Distance:
        pair = await read_pair(job)
        return Distance(pair, await read_lag(aws(job), job.settings, pair.standby), job.settings.exact)

    def _proved(self, seen: Distance) -> bool:
        return not seen.exact

    def _settled(self, job: Job[CatchUpSettings], seen: Distance) -> str | None:
        near = seen.lag is not None and seen.lag.seconds <= job.settings.near
        if not near or not seen.pair.follows or seen.lag is None:
            return None
        where = called(job.settings.upstream)
        if not seen.exact:
            return f"It is hardly behind {where}: {seen.lag.seconds:g} s."
        return (
            f"It is {seen.lag.seconds:g} s behind {where}, which takes writes until the promotion: what is written in "
            "the last moments may be lost. Skip this step to accept that."
        )

    def _late(self, job: Job[CatchUpSettings], now: Distance) -> str:
        told = "is not known" if now.lag is None else f"is {now.lag.seconds:g} s"
        return (
            f"How far {called(job.settings)} is behind {told}, and {job.settings.near:g} s would do: look at the "
            "metric GlobalDatastoreReplicationLag."
        )
