"""`scale.ecs`: bring a service of Amazon ECS to its working size, and wait until its tasks run."""

from pydantic import JsonValue

from activities.aws import OnAws, account_of
from activities.clients.aws import aws
from activities.clients.ecs import EcsView, read_service, size_service, tasks_running
from activities.contract import Job
from activities.scaling import Scale, Size
from runbooks.aws.scaling import EcsSettings
from runbooks.steps import ErrorType


class EcsSize(EcsSettings, Size):
    """The service, and how many tasks it must have running."""


class ScaleEcs(OnAws, Scale[EcsSize, EcsView]):
    """Sets a service's desired count; counts the running tasks of its newest deployment."""

    uses = "scale.ecs"
    tested_against = "moto + fake (tasks)"
    permissions = (
        "cloudwatch:GetMetricStatistics",
        "ecs:DescribeServices",
        "ecs:TagResource",
        "ecs:UpdateService",
    )
    unscoped = frozenset({"cloudwatch:GetMetricStatistics"})
    Settings = EcsSize
    unit = "tasks"

    @classmethod
    def arns(cls, settings: EcsSettings) -> tuple[str, ...]:
        """The service alone."""
        where = f"{settings.aws_region}:{account_of(settings)}"
        return (f"arn:aws:ecs:{where}:service/{settings.cluster}/{settings.service}",)

    @classmethod
    def needs(cls, settings: EcsSettings) -> tuple[str, ...]:
        """Only who measures by a day's maximum asks CloudWatch."""
        counts = settings.match is not None and settings.match.of == "24h-maximum"
        return tuple(action for action in cls.permissions if counts or not action.startswith("cloudwatch:"))

    async def _see(self, job: Job[EcsSize]) -> EcsView:
        return await read_service(aws(job), job.settings)

    async def _order(self, job: Job[EcsSize], seen: EcsView, wanted: int) -> None:
        await size_service(aws(job), job.settings, seen, wanted, job.call.epoch)

    async def _elsewhere(self, job: Job[EcsSize], upstream: dict[str, JsonValue], *, longest: bool) -> int | None:
        there = EcsSettings.model_validate(upstream)
        return await tasks_running(aws(job, there), there, longest=longest)

    def _why_stuck(self, seen: EcsView) -> str | None:
        """Its circuit breaker has given up: ECS starts no more tasks of that deployment."""
        if seen.rollout != "FAILED":
            return None
        why = seen.rollout_reason.rstrip(".") or "ECS does not say why"
        return f"The newest deployment has failed ({why}): mend its task definition, deploy it, then say retry."

    def _stuck_as(self, seen: EcsView) -> ErrorType:
        del seen
        return ErrorType.WRONG_STATE

    def _said(self, seen: EcsView) -> str:
        return seen.last_event

    def _was(self, before: dict[str, JsonValue]) -> EcsView | None:
        return EcsView.from_evidence(before)
