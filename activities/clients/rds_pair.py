"""A replica and the primary that it replicates from: what steps between two regions have, and what they see."""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.catching_up import Nearness
from activities.clients.aws import aws
from activities.clients.rds import Instance, instance_lag, read_instance
from activities.contract import Job
from activities.lagging import Lag
from runbooks.aws.rds import RdsSettings


class PromoteSettings(RdsSettings):
    """The replica, and in a planned procedure the primary that it must have everything of."""

    upstream: RdsSettings | None = None


class FollowerSettings(RdsSettings):
    """The replica, and the primary that it is to follow."""

    upstream: RdsSettings


class CatchUpSettings(FollowerSettings, Nearness):
    """The same, and how near is near enough."""


@dataclass(frozen=True)
class Gap:
    """Both ends, at one look."""

    replica: Instance
    primary: Instance
    lag: Lag
    fenced: bool
    """The primary is fenced."""

    @property
    def name(self) -> str:
        """The replica's."""
        return self.replica.name

    @property
    def why_apart(self) -> str | None:
        """The sentence why the replica does not follow the primary, or None."""
        if self.replica.follows(self.primary.arn):
            return None
        follows = f"follows {self.replica.source}" if self.replica.source else "is a primary itself"
        return f"{self.replica.name} {follows}, and not {self.primary.arn}: reseed it first."

    @property
    def has_everything(self) -> bool:
        """CloudWatch has told of a moment after the fence up to which nothing is missing."""
        return self.fenced and self.lag.covers(self.primary.fenced_at)

    def evidence(self) -> dict[str, JsonValue]:
        """Both, and the lag."""
        return {
            "replica": self.replica.evidence(),
            "primary": self.primary.evidence(),
            "lag": self.lag.evidence(),
            "has_everything": self.has_everything,
        }


async def read_gap(job: Job[FollowerSettings]) -> Gap:
    """Look at both. Raises StepError."""
    upstream = job.settings.upstream
    primary = await read_instance(aws(job, upstream), upstream)
    replica = await read_instance(aws(job), job.settings)
    lag = await instance_lag(aws(job), replica.name) if replica.role == "standby" else Lag()
    return Gap(replica, primary, lag, primary.fenced(upstream.fenced_group))
