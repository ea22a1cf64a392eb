"""`catch_up.rds`: wait until a replica has what its primary has, by CloudWatch's ReplicaLag.

A value says up to which moment nothing is missing: its own time less the lag. `exact` waits for a moment after the
fence. That takes a minute or two for MySQL and MariaDB, whose lag ends at 0. PostgreSQL counts from the newest
transaction, so it takes the one that RDS itself makes every five minutes, also behind a fence.
"""

from typing import ClassVar

from activities.aws import OnAws
from activities.catching_up import CatchUp
from activities.clients.rds_pair import CatchUpSettings, Gap, read_gap
from activities.contract import Job
from activities.errors import StepError
from activities.fence.rds import FenceRds
from runbooks.steps import ErrorType


class CatchUpRds(OnAws, CatchUp[CatchUpSettings, Gap]):
    """Changes nothing: it waits, and is `not-yet` with numbers when the time is over."""

    uses = "catch_up.rds"
    permissions = ("rds:DescribeDBInstances", "cloudwatch:GetMetricStatistics")
    unscoped = frozenset({"cloudwatch:GetMetricStatistics"})
    Settings = CatchUpSettings
    every: ClassVar[float] = 2.0

    @classmethod
    def arns(cls, settings: CatchUpSettings) -> tuple[str, ...]:
        """Both instances."""
        return (*FenceRds.arns(settings), *FenceRds.arns(settings.upstream))

    async def _observe(self, job: Job[CatchUpSettings]) -> Gap:
        seen = await read_gap(job)
        if seen.why_apart:
            raise StepError(ErrorType.WRONG_STATE, seen.why_apart, seen.evidence())
        if job.settings.exact and not seen.fenced:
            sentence = f"{seen.primary.name} is not fenced, and may write on: fence it first."
            raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
        return seen

    def _settled(self, job: Job[CatchUpSettings], seen: Gap) -> str | None:
        name = seen.replica.name
        if job.settings.exact:
            return f"{name} has everything from before the fence." if seen.has_everything else None
        near = seen.lag.seconds is not None and seen.lag.seconds <= job.settings.near
        return f"{name} is {seen.lag.said}, which is near enough." if near else None
