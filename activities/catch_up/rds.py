"""`catch_up.rds`: wait until a replica has what its primary has, by CloudWatch's ReplicaLag.

A value says up to which moment nothing is missing: its own time less the lag. `exact` waits for a moment after the
fence. That takes a minute or two for MySQL and MariaDB, whose lag ends at 0. PostgreSQL counts from the newest
transaction, so it takes the one that RDS itself makes every five minutes, also behind a fence.
"""

from typing import ClassVar

from activities.acting import Act, SettledMeanwhile
from activities.aws import OnAws
from activities.clients.rds_pair import CatchUpSettings, Gap, read_gap
from activities.contract import Job
from activities.errors import StepError
from activities.fence.rds import FenceRds
from activities.lifeline import poll
from runbooks.steps import ErrorType


class CatchUpRds(OnAws, Act[CatchUpSettings, Gap]):
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

    async def _act(self, job: Job[CatchUpSettings], seen: Gap) -> str:
        async def look() -> Gap:
            try:
                now = await self._observe(job)
            except StepError as error:
                if error.final:
                    raise
                return seen  # a look that fails for a moment is no reason to give up
            job.progress.text = f"{now.replica.name} is {now.lag.said}"
            return now

        now, done = await poll(
            look, lambda now: self._settled(job, now) is not None, every=self.every, within=job.allowed
        )
        if done:
            raise SettledMeanwhile(self._settled(job, now) or "")
        wanted = "everything from before the fence" if job.settings.exact else f"all but {job.settings.near:g} s"
        sentence = f"{now.replica.name} is {now.lag.said}, and should have {wanted}: look at its replication."
        raise StepError(ErrorType.NOT_YET, sentence, now.evidence())
