"""A service of Amazon ECS: how large it is and is to be, and the decision in its tags."""

from typing import Any

from activities.acting import View
from activities.aws import EPOCH_TAG, epoch_in
from activities.clients.aws import Aws
from activities.clients.aws_metrics import highest
from activities.errors import StepError
from runbooks.aws.scaling import EcsSettings
from runbooks.steps import ErrorType


class EcsView(View):
    """As ECS shows it."""

    desired: int
    ready: int
    """Tasks that run in the newest deployment (`runningCount` of it)."""
    status: str
    arn: str
    epoch: int | None = None
    running: int = 0
    """Tasks that run in all deployments."""
    rollout: str = ""
    """How the newest deployment goes: COMPLETED, IN_PROGRESS, or FAILED (its circuit breaker stopped it)."""
    rollout_reason: str = ""
    last_event: str = ""
    """What ECS has said last of the service."""


async def read_service(there: Aws, settings: EcsSettings) -> EcsView:
    """Look. Raises StepError; a service that is being deleted is in the wrong state."""
    asked: dict[str, Any] = {"cluster": settings.cluster, "services": [settings.service], "include": ["TAGS"]}
    answer = await there.read("ecs", "describe_services", **asked)
    found = answer["services"]
    where = f"The ECS service {settings.service} in cluster {settings.cluster} ({settings.aws_region})"
    if not found:
        raise StepError(ErrorType.NOT_FOUND, f"{where} does not exist: look whether the runbook names it rightly.")
    service = found[0]
    newest = next((one for one in service.get("deployments", ()) if one.get("status") == "PRIMARY"), service)
    view = EcsView(
        desired=service["desiredCount"],
        ready=newest.get("runningCount", 0),
        status=service["status"],
        arn=service["serviceArn"],
        epoch=epoch_in(service.get("tags", ())),
        running=service.get("runningCount", 0),
        rollout=newest.get("rolloutState", ""),
        rollout_reason=newest.get("rolloutStateReason", ""),
        last_event=next((event["message"] for event in service.get("events", ())), ""),
    )
    if view.status != "ACTIVE":
        raise StepError(ErrorType.WRONG_STATE, f"{where} is {view.status}: it cannot be scaled.", view.evidence())
    return view


async def tasks_running(there: Aws, settings: EcsSettings, *, longest: bool) -> int | None:
    """How many tasks run: now, or at most within 24 hours (None: Container Insights does not count them)."""
    if longest:
        dimensions = {"ClusterName": settings.cluster, "ServiceName": settings.service}
        return await highest(there, "ECS/ContainerInsights", "RunningTaskCount", dimensions)
    return (await read_service(there, settings)).running


async def size_service(there: Aws, settings: EcsSettings, seen: EcsView, wanted: int, epoch: int) -> None:
    """Order the size; the decision is noted first, so that an older one finds it. Raises StepError."""
    if seen.epoch != epoch:
        await there.change("ecs", "tag_resource", resourceArn=seen.arn, tags=[{"key": EPOCH_TAG, "value": str(epoch)}])
    await there.change("ecs", "update_service", cluster=settings.cluster, service=settings.service, desiredCount=wanted)
