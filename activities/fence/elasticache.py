"""`fence.elasticache`: is it certain that AWS takes the role of the primary away from it? The move itself does."""

from activities.acting import Act
from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.elasticache import ALONE, NOTES, SECONDARY, SEES, GroupView, arns, note, read_group
from activities.contract import Job
from activities.stale import refuse_stale
from runbooks.aws.elasticache import ElasticacheSettings


class FenceElasticache(OnAws, Act[ElasticacheSettings, GroupView]):
    """Notes the decision at the group. It is proved when it is a secondary, or AWS will make it one in the promotion.

    ElastiCache has no command that only stops writes: until then a primary takes them.
    """

    uses = "fence.elasticache"
    tested_against = "moto + fake (Global Datastores)"
    permissions = (*SEES, NOTES)
    Settings = ElasticacheSettings

    @classmethod
    def arns(cls, settings: ElasticacheSettings) -> tuple[str, ...]:
        """The group and its datastore."""
        return arns(settings)

    async def _observe(self, job: Job[ElasticacheSettings]) -> GroupView:
        seen = await read_group(aws(job), job.settings)
        refuse_stale(job, seen.epoch, f"The replication group {job.settings.replication_group}")
        return seen

    def _settled(self, job: Job[ElasticacheSettings], seen: GroupView) -> str | None:
        # Of a group that is being changed the tags are not told: the change that is under way was noted before it.
        noted = seen.epoch == job.call.epoch or not seen.at_rest
        return _standing(seen, job.settings) if noted else None

    async def _act(self, job: Job[ElasticacheSettings], seen: GroupView) -> str:
        await note(aws(job), seen, job.call.epoch)
        return f"{_standing(seen, job.settings)} Decision {job.call.epoch} was noted."

    def _proved(self, seen: GroupView) -> bool:
        return seen.role != ALONE


def _standing(seen: GroupView, settings: ElasticacheSettings) -> str:
    if seen.role == SECONDARY:
        return "It takes no writes: it is a secondary."
    if seen.role == ALONE:
        return (
            f"It takes writes, and is not in the Global Datastore {settings.datastore}: nothing that Evac can do "
            "stops them. Stop its clients."
        )
    return "It takes writes until the promotion: AWS makes it a secondary in the same operation."
