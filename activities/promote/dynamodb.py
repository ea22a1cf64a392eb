"""`promote.dynamodb`: let a region of a global table take writes."""

from activities.aws import OnAws
from activities.barring import Unbar
from activities.clients.aws import aws
from activities.clients.dynamodb import CHANGES, SEES, TableView, arns, note, read_table, see_table, shut, unshut
from activities.contract import Job
from activities.errors import StepError
from runbooks.aws.dynamodb import DynamodbSettings
from runbooks.steps import ErrorType


class PromoteSettings(DynamodbSettings):
    """The table, and in a planned procedure the region that was the writer."""

    upstream: DynamodbSettings | None = None


class PromoteDynamodb(OnAws, Unbar[PromoteSettings, TableView]):
    """Lifts Evac's fence from the table's policy, under the revision that it has seen; nothing else of it changes."""

    uses = "promote.dynamodb"
    tested_against = "moto + fake (replicas, resource policies)"
    permissions = (*SEES, *CHANGES)
    Settings = PromoteSettings

    @classmethod
    def arns(cls, settings: PromoteSettings) -> tuple[str, ...]:
        """The table alone; the former writer's is its own region's."""
        return arns(settings)

    async def _see(self, job: Job[PromoteSettings]) -> TableView:
        settings = job.settings
        seen = await see_table(job, settings)
        if not seen.works:
            sentence = f"The table {settings.table} in {settings.aws_region} is {seen.status}: it cannot take writes."
            raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
        return seen

    async def _note(self, job: Job[PromoteSettings], seen: TableView) -> None:
        await note(aws(job), seen, job.call.epoch)

    async def _shut(self, job: Job[PromoteSettings], seen: TableView) -> None:
        await shut(aws(job), job.settings, seen, job.call.epoch)

    async def _open(self, job: Job[PromoteSettings], seen: TableView) -> None:
        del self
        await unshut(aws(job), seen)

    async def _act(self, job: Job[PromoteSettings], seen: TableView) -> str:
        await self._alone(job)
        return await super()._act(job, seen)

    async def _alone(self, job: Job[PromoteSettings]) -> None:
        """In a planned procedure the former writer must be fenced. Raises StepError."""
        upstream = job.settings.upstream
        if upstream is None:
            return
        former = await read_table(aws(job, upstream), upstream)
        if former.fence is None:
            sentence = (
                f"The table {upstream.table} in {upstream.aws_region} still takes writes: "
                "opened here, there would be two writers. Fence it first."
            )
            raise StepError(ErrorType.WRONG_STATE, sentence, former.evidence())
