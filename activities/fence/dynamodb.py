"""`fence.dynamodb`: no more writes in a region of a global table; replication out of it and into it goes on."""

from activities.aws import OnAws
from activities.barring import PolicyFence
from activities.clients.aws import aws
from activities.clients.dynamodb import CHANGES, SEES, TableView, arns, note, see_table, shut, unshut
from activities.contract import Job
from runbooks.aws.dynamodb import DynamodbSettings


class FenceDynamodb(OnAws, PolicyFence[DynamodbSettings, TableView]):
    """Denies writes by a statement of its own in the table's policy, under the revision that it has seen.

    The policy is in force a few seconds after DynamoDB shows it: `catch_up` waits for that as well.
    """

    uses = "fence.dynamodb"
    tested_against = "moto + fake (replicas, resource policies)"
    permissions = (*SEES, *CHANGES)
    Settings = DynamodbSettings

    @classmethod
    def arns(cls, settings: DynamodbSettings) -> tuple[str, ...]:
        """The table alone."""
        return arns(settings)

    async def _see(self, job: Job[DynamodbSettings]) -> TableView:
        return await see_table(job, job.settings)

    async def _note(self, job: Job[DynamodbSettings], seen: TableView) -> None:
        await note(aws(job), seen, job.call.epoch)

    async def _shut(self, job: Job[DynamodbSettings], seen: TableView) -> None:
        await shut(aws(job), job.settings, seen, job.call.epoch)

    async def _open(self, job: Job[DynamodbSettings], seen: TableView) -> None:
        del self
        await unshut(aws(job), seen)
