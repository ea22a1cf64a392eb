"""`reseed.elasticache`: a former primary is a secondary again. AWS makes it one; this waits, and proves it."""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.acting import Act
from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.elasticache import ALONE, NOTES, PRIMARY, SECONDARY, SEES, GroupView, arns, called, note
from activities.clients.elasticache import read_group as read
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.stale import refuse_stale
from runbooks.aws.elasticache import ElasticacheSettings
from runbooks.steps import ErrorType


class FollowerSettings(ElasticacheSettings):
    """A group, and the one that it follows or is to follow."""

    upstream: ElasticacheSettings


@dataclass(frozen=True)
class Pair:
    """Both groups, as they are now."""

    standby: GroupView
    upstream: GroupView
    settings: FollowerSettings

    def evidence(self) -> dict[str, JsonValue]:
        """What ElastiCache shows of each."""
        return {"standby": self.standby.evidence(), "upstream": self.upstream.evidence()}

    @property
    def follows(self) -> bool:
        """The one is a secondary of the other, and takes in what it writes."""
        own = self.standby.members.get(called(self.settings))
        associated = own is not None and own.status == "associated"
        return self.standby.role == SECONDARY and self.upstream.role == PRIMARY and associated

    @property
    def why_never(self) -> str | None:
        """The sentence why it will not follow by itself, or None."""
        name, above = self.settings.replication_group, self.settings.upstream.replication_group
        if self.standby.role == ALONE:
            return (
                f"{name} is not in the Global Datastore {self.settings.datastore} any more: ElastiCache takes only a "
                "new replication group into one. Delete it, and create it again with that datastore."
            )
        if self.upstream.role != PRIMARY and self.upstream.at_rest:
            return f"{above} in {self.settings.upstream.aws_region} is no primary: nobody can follow it."
        return None


async def read_pair(job: Job[FollowerSettings]) -> Pair:
    """Look at both. Raises StepError, also for a stale decision, and when the one will never follow the other."""
    settings, upstream = job.settings, job.settings.upstream
    pair = Pair(await read(aws(job), settings), await read(aws(job, upstream), upstream), settings)
    for seen, group in ((pair.standby, settings), (pair.upstream, upstream)):
        refuse_stale(job, seen.epoch, f"The replication group {group.replication_group} in {group.aws_region}")
    if pair.why_never is not None:
        raise StepError(ErrorType.WRONG_STATE, pair.why_never, pair.evidence())
    return pair


class ReseedElasticache(OnAws, Act[FollowerSettings, Pair]):
    """Waits until AWS has made a former primary a secondary, and notes the decision at it."""

    uses = "reseed.elasticache"
    tested_against = "moto + fake (Global Datastores)"
    permissions = (*SEES, NOTES)
    Settings = FollowerSettings
    every = 1.0

    @classmethod
    def arns(cls, settings: FollowerSettings) -> tuple[str, ...]:
        """The group and its datastore; the other group is its own region's."""
        return arns(settings)

    async def _observe(self, job: Job[FollowerSettings]) -> Pair:
        return await read_pair(job)

    def _settled(self, job: Job[FollowerSettings], seen: Pair) -> str | None:
        if not seen.follows or not seen.standby.at_rest or seen.standby.epoch != job.call.epoch:
            return None
        return f"It is a secondary of {called(job.settings.upstream)} already."

    async def _act(self, job: Job[FollowerSettings], seen: Pair) -> str:
        async def look() -> Pair:
            now = await read_pair(job)
            job.progress.text = f"it is {now.standby.role} ({now.standby.status})"
            return now

        now, done = await poll(
            look, lambda now: now.follows and now.standby.at_rest, every=self.every, within=job.allowed
        )
        if not done:
            raise StepError(
                ErrorType.NOT_YET,
                f"{called(job.settings)} is {now.standby.role} ({now.standby.status}): AWS has not made it a secondary "
                "yet. Look at its events in ElastiCache.",
                now.evidence(),
            )
        if now.standby.epoch != job.call.epoch:
            await note(aws(job), now.standby, job.call.epoch)
        return f"It is a secondary of {called(job.settings.upstream)}; before it was {seen.standby.role}."
