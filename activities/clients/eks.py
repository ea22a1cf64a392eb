"""A managed node group of Amazon EKS: how large it is and is to be, what ails it, and the decision in its tags.

https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupConfig.html
"""

from typing import Any

from activities.acting import View
from activities.aws import EPOCH_TAG, epoch_in
from activities.clients.aws import Aws
from activities.clients.aws_metrics import highest
from activities.errors import StepError
from runbooks.aws.scaling import EksNodegroupSettings
from runbooks.steps import ErrorType

_GONE = frozenset({"CREATE_FAILED", "DELETE_FAILED", "DELETING"})
UNDER_WAY = frozenset({"CREATING", "UPDATING"})
_PASSING = frozenset({"ClusterUnreachable", "InternalFailure"})
"""Issues that end by themselves. https://docs.aws.amazon.com/eks/latest/APIReference/API_Issue.html"""


class NodegroupView(View):
    """As EKS and its Auto Scaling groups show it."""

    desired: int
    ready: int
    """Instances in service: EKS itself does not count the nodes that have joined."""
    smallest: int
    largest: int
    status: str
    arn: str
    groups: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    """What EKS finds wrong with it, and does not mend by itself."""
    epoch: int | None = None


async def read_nodegroup(there: Aws, settings: EksNodegroupSettings) -> NodegroupView:
    """Look. Raises StepError; one that is being deleted is in the wrong state."""
    asked: dict[str, Any] = {"clusterName": settings.cluster, "nodegroupName": settings.nodegroup}
    found = (await there.read("eks", "describe_nodegroup", **asked))["nodegroup"]
    sizes = found["scalingConfig"]
    groups = tuple(group["name"] for group in found.get("resources", {}).get("autoScalingGroups", ()))
    seen = NodegroupView(
        desired=sizes["desiredSize"],
        ready=await _in_service(there, groups) if groups else 0,
        smallest=sizes["minSize"],
        largest=sizes["maxSize"],
        status=found["status"],
        arn=found["nodegroupArn"],
        groups=groups,
        issues=tuple(_issue(one) for one in found.get("health", {}).get("issues", ()) if one["code"] not in _PASSING),
        epoch=epoch_in(found.get("tags") or {}),
    )
    if seen.status in _GONE:
        where = f"The node group {settings.nodegroup} of {settings.cluster} ({settings.aws_region})"
        sentence = f"{where} is {seen.status}: it cannot be scaled. Look at it in EKS."
        raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
    return seen


async def size_nodegroup(  # noqa: PLR0913, PLR0917 - the group, its new size, and who decided
    there: Aws, settings: EksNodegroupSettings, seen: NodegroupView, wanted: int, limits: NodegroupView, epoch: int
) -> str:
    """Order the size and give the update's id; its bounds stay those of `limits`, unless the size is beyond them.

    The decision is noted first, so that an older one finds it. Raises StepError.
    """
    if seen.epoch != epoch:
        await there.change("eks", "tag_resource", resourceArn=seen.arn, tags={EPOCH_TAG: str(epoch)})
    answer = await there.change(
        "eks",
        "update_nodegroup_config",
        clusterName=settings.cluster,
        nodegroupName=settings.nodegroup,
        scalingConfig={
            "minSize": min(limits.smallest, wanted),
            "maxSize": max(limits.largest, wanted, 1),
            "desiredSize": wanted,
        },
    )
    return str(answer["update"]["id"])


async def nodes_in_service(there: Aws, settings: EksNodegroupSettings, *, longest: bool) -> int | None:
    """How many nodes are in service: now, or at most within 24 hours (None: group metrics are off, nothing counts).

    Of several Auto Scaling groups each has had its most at some time: their sum is never too low.
    """
    seen = await read_nodegroup(there, settings)
    if not longest:
        return seen.ready
    found = [
        await highest(there, "AWS/AutoScaling", "GroupInServiceInstances", {"AutoScalingGroupName": group})
        for group in seen.groups
    ]
    counted = [count for count in found if count is not None]
    return sum(counted) if counted else None


async def why_failed(there: Aws, settings: EksNodegroupSettings, update: str) -> str | None:
    """What EKS says of an update that has failed; None when it is done, or under way. Raises StepError."""
    asked: dict[str, Any] = {"name": settings.cluster, "nodegroupName": settings.nodegroup, "updateId": update}
    found = (await there.read("eks", "describe_update", **asked))["update"]
    if found["status"] not in ("Failed", "Cancelled"):
        return None
    said = "; ".join(f"{one['errorCode']}: {one['errorMessage'].rstrip('.')}" for one in found.get("errors", ()))
    return f"the update {update} has {found['status'].lower()}" + (f" ({said})" if said else "")


async def _in_service(there: Aws, groups: tuple[str, ...]) -> int:
    found: list[dict[str, Any]] = await there.pages(
        "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", AutoScalingGroupNames=list(groups)
    )
    instances = (instance for group in found for instance in group["Instances"])
    return sum(one["LifecycleState"] == "InService" and one["HealthStatus"] == "Healthy" for one in instances)


def _issue(issue: dict[str, Any]) -> str:
    return f"{issue['code']}: {str(issue.get('message', '')).strip().rstrip('.')}"
