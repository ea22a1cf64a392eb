"""`promote.elasticache`: make a region's group the primary of its Global Datastore; AWS demotes the other one."""

from activities.acting import Act, SettledMeanwhile
from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.elasticache import (
    ALONE,
    NOTES,
    PRIMARY,
    SEES,
    GroupView,
    arns,
    called,
    note,
    order_failover,
    read_group,
)
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.stale import refuse_stale
from runbooks.aws.elasticache import ElasticacheSettings
from runbooks.steps import ErrorType


class PromoteElasticache(OnAws, Act[ElasticacheSettings, GroupView]):
    """Orders the failover in the region that is to take writes, once, and waits until it is over.

    Nothing is asked of the region that is left: it may be dead, and then becomes a secondary when it is back.
    """

    uses = "promote.elasticache"
    tested_against = "moto + fake (Global Datastores)"
    permissions = (*SEES, NOTES, "elasticache:FailoverGlobalReplicationGroup")
    Settings = ElasticacheSettings
    every = 1.0

    @classmethod
    def arns(cls, settings: ElasticacheSettings) -> tuple[str, ...]:
        """The group and its datastore."""
        return arns(settings)

    async def _observe(self, job: Job[ElasticacheSettings]) -> GroupView:
        settings = job.settings
        seen = await read_group(aws(job), settings)
        where = f"The replication group {settings.replication_group} in {settings.aws_region}"
        refuse_stale(job, seen.epoch, where)
        if seen.role == ALONE:
            sentence = f"{where} is not in the Global Datastore {settings.datastore}: it has nothing of its primary."
            raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
        return seen

    def _settled(self, job: Job[ElasticacheSettings], seen: GroupView) -> str | None:
        if seen.role != PRIMARY or not seen.at_rest or seen.epoch != job.call.epoch:
            return None
        return f"It is the primary already. {_others(seen, job.settings)}"

    async def _act(self, job: Job[ElasticacheSettings], seen: GroupView) -> str:
        ready = await self._until_at_rest(job)  # a move whose order got no answer may be under way
        if ready.epoch != job.call.epoch:
            await note(aws(job), ready, job.call.epoch)
        if ready.role != PRIMARY:
            await self._order(job)
        now = await self._until_at_rest(job, PRIMARY)
        was = "" if seen.role == PRIMARY else "; before it was a secondary"
        return f"It is the primary{was}. {_others(now, job.settings)}"

    async def _order(self, job: Job[ElasticacheSettings]) -> None:
        try:
            await order_failover(aws(job), job.settings)
        except StepError as error:
            # Another run of this step may have been faster, and AWS makes no primary of what is one already.
            settled = self._settled(job, await self._observe(job)) if error.final else None
            if settled is None:
                raise
            raise SettledMeanwhile(settled) from None

    async def _until_at_rest(self, job: Job[ElasticacheSettings], role: str | None = None) -> GroupView:
        async def look() -> GroupView:
            now = await self._observe(job)
            job.progress.text = f"it is {now.role} ({now.status}), its datastore {now.datastore}"
            return now

        now, done = await poll(
            look,
            lambda now: now.at_rest and role in (None, now.role),
            every=self.every,
            within=job.allowed,
        )
        if not done:
            raise StepError(
                ErrorType.NOT_YET,
                f"{called(job.settings)} is {now.role} ({now.status}), and its datastore {now.datastore}: "
                "look at its events in ElastiCache.",
                now.evidence(),
            )
        return now


def _others(seen: GroupView, settings: ElasticacheSettings) -> str:
    others = {name: one for name, one in seen.members.items() if name != called(settings)}
    told = (f"{name} is {one.role} ({one.status})" for name, one in sorted(others.items()))
    return f"AWS says: {', '.join(told)}." if others else "It has no secondaries."
