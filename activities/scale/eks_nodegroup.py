"""`scale.eks_nodegroup`: bring a node group of Amazon EKS to its working size, and wait for its nodes."""

from pydantic import JsonValue

from activities.aws import OnAws, account_of
from activities.clients.aws import aws
from activities.clients.eks import (
    UNDER_WAY,
    NodegroupView,
    nodes_in_service,
    read_nodegroup,
    size_nodegroup,
    why_failed,
)
from activities.contract import Job
from activities.scaling import Size
from activities.scaling_turns import Turns
from runbooks.aws.scaling import EksNodegroupSettings

_UPDATE, _KNOWN = "eks:update", "eks:known"


class EksNodegroupSize(EksNodegroupSettings, Size):
    """The node group, and how many nodes it must have in service."""


class ScaleEksNodegroup(OnAws, Turns[EksNodegroupSize, NodegroupView]):
    """Sets a node group's desired size, and its largest one only when it is too small for that.

    The nodes that count are the instances in service of its Auto Scaling groups. An issue that EKS finds after the
    order, or an update that fails, ends the wait.
    """

    uses = "scale.eks_nodegroup"
    permissions = (
        "autoscaling:DescribeAutoScalingGroups",
        "cloudwatch:GetMetricStatistics",
        "eks:DescribeNodegroup",
        "eks:DescribeUpdate",
        "eks:TagResource",
        "eks:UpdateNodegroupConfig",
    )
    unscoped = frozenset({"autoscaling:DescribeAutoScalingGroups", "cloudwatch:GetMetricStatistics"})
    tested_against = "moto + fake (UpdateNodegroupConfig, DescribeUpdate, TagResource)"
    Settings = EksNodegroupSize
    unit = "nodes"

    @classmethod
    def arns(cls, settings: EksNodegroupSettings) -> tuple[str, ...]:
        """The node group; and its cluster, of which an update is asked."""
        where = f"arn:aws:eks:{settings.aws_region}:{account_of(settings)}"
        return (
            f"{where}:cluster/{settings.cluster}",
            f"{where}:nodegroup/{settings.cluster}/{settings.nodegroup}/*",
        )

    @classmethod
    def needs(cls, settings: EksNodegroupSettings) -> tuple[str, ...]:
        """Only who measures by a day's maximum asks CloudWatch."""
        counts = settings.match is not None and settings.match.of == "24h-maximum"
        return tuple(action for action in cls.permissions if counts or not action.startswith("cloudwatch:"))

    async def _see(self, job: Job[EksNodegroupSize]) -> NodegroupView:
        seen = await read_nodegroup(aws(job), job.settings)
        known = job.kept.get(_KNOWN, ())
        assert isinstance(known, tuple)
        issues = [issue for issue in seen.issues if issue not in known]
        update = job.kept.get(_UPDATE)
        if update is not None and seen.status == "ACTIVE":  # while it is under way it has not failed
            failed = await why_failed(aws(job), job.settings, str(update))
            issues += [failed] if failed else []
        return seen.model_copy(update={"issues": tuple(issues)})

    def _busy(self, seen: NodegroupView) -> str | None:
        return seen.status if seen.status in UNDER_WAY else None

    async def _order_now(self, job: Job[EksNodegroupSize], seen: NodegroupView, wanted: int) -> None:
        limits = self._was(job.call.before) or seen  # an undo brings the bounds back, too
        job.kept[_UPDATE] = await size_nodegroup(aws(job), job.settings, seen, wanted, limits, job.call.epoch)
        job.kept[_KNOWN] = seen.issues  # those of before the order tell nothing of what it asks for

    async def _elsewhere(
        self, job: Job[EksNodegroupSize], upstream: dict[str, JsonValue], *, longest: bool
    ) -> int | None:
        there = EksNodegroupSettings.model_validate(upstream)
        return await nodes_in_service(aws(job, there), there, longest=longest)

    def _was(self, before: dict[str, JsonValue]) -> NodegroupView | None:
        return NodegroupView.from_evidence(before)

    def _why_stuck(self, seen: NodegroupView) -> str | None:
        if not seen.issues:
            return None
        return (
            f"EKS cannot bring the node group to {seen.desired} nodes ({seen.ready} are in service): "
            f"{'; '.join(seen.issues)}. Mend that, or ask for other instance types or zones, then say retry."
        )
