"""`scale.aurora_readers`: have an Aurora cluster its readers before the traffic comes, and wait until they serve."""

from pydantic import JsonValue

from activities.aws import OnAws, account_of
from activities.clients.aurora_readers import NO_ROOM, ReadersView, read_readers, size_readers
from activities.clients.aws import aws
from activities.contract import Job
from activities.scaling import Scale, Size
from runbooks.aws.scaling import AuroraReadersSettings
from runbooks.steps import ErrorType


class AuroraReadersSize(AuroraReadersSettings, Size):
    """The cluster, and how many readers it must have."""


class ScaleAuroraReaders(OnAws, Scale[AuroraReadersSize, ReadersView]):
    """Adds readers to an Aurora cluster and waits until they are available; deletes only those that it has added."""

    uses = "scale.aurora_readers"
    permissions = (
        "rds:AddTagsToResource",
        "rds:CreateDBInstance",
        "rds:DeleteDBInstance",
        "rds:DescribeDBClusters",
        "rds:DescribeDBInstances",
    )
    unscoped = frozenset({"rds:DescribeDBInstances"})
    Settings = AuroraReadersSize
    unit = "readers"

    @classmethod
    def arns(cls, settings: AuroraReadersSettings) -> tuple[str, ...]:
        """The cluster, the readers that Evac adds, and the writer's parameter group, which may have any name."""
        where = f"arn:aws:rds:{settings.aws_region}:{account_of(settings)}"
        name = settings.cluster.lower()
        return (f"{where}:cluster:{name}", f"{where}:db:{name}-evac-*", f"{where}:pg:*")

    async def _see(self, job: Job[AuroraReadersSize]) -> ReadersView:
        return await read_readers(aws(job), job.settings)

    async def _order(self, job: Job[AuroraReadersSize], seen: ReadersView, wanted: int) -> None:
        await size_readers(aws(job), job.settings, seen, wanted, job.call.epoch)

    async def _elsewhere(
        self, job: Job[AuroraReadersSize], upstream: dict[str, JsonValue], *, longest: bool
    ) -> int | None:
        if longest:
            return None  # nobody counts instances
        there = AuroraReadersSettings.model_validate(upstream)
        return (await read_readers(aws(job, there), there)).ready

    def _was(self, before: dict[str, JsonValue]) -> ReadersView | None:
        return ReadersView.from_evidence(before)

    def _why_stuck(self, seen: ReadersView) -> str | None:
        if not seen.failed:
            return None
        why = "; ".join(seen.failed)
        return f"{seen.ready} of {seen.desired} readers are available: {why}. Delete those, mend it, then say retry."

    def _stuck_as(self, seen: ReadersView) -> ErrorType:
        return ErrorType.NO_CAPACITY if seen.failed[0].endswith(NO_ROOM) else ErrorType.WRONG_STATE
