"""`reseed.dynamodb`: make a region of a global table a standby: it takes no writes, and replication keeps it up."""

from activities.aws import OnAws
from activities.barring import Bar
from activities.clients.aws import aws
from activities.clients.dynamodb import CHANGES, SEES, TableView, arns, note, read_table, see_table, shut, unshut
from activities.contract import Job
from activities.errors import StepError
from runbooks.aws.dynamodb import DynamodbSettings
from runbooks.steps import ErrorType


class FollowerSettings(DynamodbSettings):
    """A table, and the region whose writes it is to follow."""

    upstream: DynamodbSettings


class ReseedDynamodb(OnAws, Bar[FollowerSettings, TableView]):
    """Fences a former writer, so that only its replication writes to it. Nothing is copied: DynamoDB has kept it up."""

    uses = "reseed.dynamodb"
    tested_against = "moto + fake (replicas, resource policies)"
    permissions = (*SEES, *CHANGES)
    Settings = FollowerSettings

    @classmethod
    def arns(cls, settings: FollowerSettings) -> tuple[str, ...]:
        """The table alone; the other one is its own region's."""
        return arns(settings)

    async def _see(self, job: Job[FollowerSettings]) -> TableView:
        settings = job.settings
        seen = await see_table(job, settings)
        why = seen.why_apart(settings, settings.upstream)
        if why is None and (await read_table(aws(job, settings.upstream), settings.upstream)).fence is not None:
            where = f"The table {settings.upstream.table} in {settings.upstream.aws_region}"
            why = f"{where} takes no writes itself: fenced too, there would be no writer."
        if why is not None:
            raise StepError(ErrorType.WRONG_STATE, why, seen.evidence())
        return seen

    async def _note(self, job: Job[FollowerSettings], seen: TableView) -> None:
        await note(aws(job), seen, job.call.epoch)

    async def _shut(self, job: Job[FollowerSettings], seen: TableView) -> None:
        await shut(aws(job), job.settings, seen, job.call.epoch)

    async def _open(self, job: Job[FollowerSettings], seen: TableView) -> None:
        del self
        await unshut(aws(job), seen)
