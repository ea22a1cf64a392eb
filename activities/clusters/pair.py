"""A secondary cluster and the primary of its global one: what steps between two regions have, and what they see."""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.catching_up import Nearness
from activities.clients.aws import aws
from activities.clients.global_cluster import Family, Member, member_lag, read_member
from activities.contract import Job
from activities.lagging import Lag
from runbooks.aws.global_clusters import GlobalClusterSettings


class PromoteSettings(GlobalClusterSettings):
    """The cluster, and in a planned procedure the primary that it must have everything of."""

    upstream: GlobalClusterSettings | None = None


class FollowerSettings(GlobalClusterSettings):
    """The cluster, and the primary that it is to follow."""

    upstream: GlobalClusterSettings


class CatchUpSettings(FollowerSettings, Nearness):
    """The same, and how near is near enough."""


@dataclass(frozen=True)
class Gap:
    """Both ends, at one look."""

    secondary: Member
    primary: Member
    lag: Lag
    fenced: bool

    @property
    def name(self) -> str:
        """The secondary's."""
        return self.secondary.name

    @property
    def why_apart(self) -> str | None:
        """The sentence why the one does not follow the other, or None."""
        if not self.secondary.member:
            return f"{self.secondary.name} is no member of the global cluster: reseed it first."
        if self.primary.role == "standby":
            return f"{self.primary.name} is no primary, but a secondary of {self.primary.primary}: look at both."
        if self.secondary.primary != self.primary.arn:
            return f"{self.secondary.name} does not follow {self.primary.arn}, but {self.secondary.primary}."
        return None

    @property
    def has_everything(self) -> bool:
        """CloudWatch has told of a moment after the fence up to which nothing is missing."""
        return self.fenced and self.lag.covers(self.primary.fenced_at)

    def evidence(self) -> dict[str, JsonValue]:
        """Both, and the lag."""
        return {
            "secondary": self.secondary.evidence(),
            "primary": self.primary.evidence(),
            "lag": self.lag.evidence(),
            "has_everything": self.has_everything,
        }


async def read_gap(job: Job[GlobalClusterSettings], upstream: GlobalClusterSettings, family: Family) -> Gap:
    """Look at both. Raises StepError."""
    primary = await read_member(aws(job, upstream), upstream, family)
    secondary = await read_member(aws(job), job.settings, family)
    lag = await member_lag(aws(job), secondary.name, family)
    return Gap(secondary, primary, lag, primary.fenced(upstream.fenced_group))
