"""`scale.eks_nodegroup`: bring a node group of Amazon EKS to its working size, and wait for its nodes."""

from pydantic import JsonValue

from activities.aws import OnAws, account_of
from activities.clients.aws import aws
from activities.clients.eks import UNDER_WAY, NodegroupView, read_nodegroup, size_nodegroup, why_failed
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.scaling import Scale, Size
from runbooks.aws.scaling import EksNodegroupSettings
from runbooks.steps import ErrorType

_UPDATE, _KNOWN = "eks:update", "eks:known"


class EksNodegroupSize(EksNodegroupSettings, Size):
    """The node group, and how many nodes it must have in service."""


class ScaleEksNodegroup(OnAws, Scale[EksNodegroupSize, NodegroupView]):
    """Sets a node group's desired size, and its largest one only when it is too small for that.

    The nodes that count are the instances in service of its Auto Scaling groups. An issue that EKS finds after the
    order, or an update that fails, ends the wait.
    """

    uses = "scale.eks_nodegroup"
    permissions = (
        "autoscaling:DescribeAutoScalingGroups",
        "eks:DescribeNodegroup",
        "eks:DescribeUpdate",
        "eks:TagResource",
        "eks:UpdateNodegroupConfig",
    )
    unscoped = frozenset({"autoscaling:DescribeAutoScalingGroups"})
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

    async def _order(self, job: Job[EksNodegroupSize], seen: NodegroupView, wanted: int) -> None:
        now = await self._free(job, seen)
        grows = seen.desired < wanted
        if now.desired >= wanted if grows else now.desired <= wanted:
            return  # what was under way was this order, by a worker that has died
        limits = self._was(job.call.before) or now  # an undo brings the bounds back, too
        job.kept[_UPDATE] = await size_nodegroup(aws(job), job.settings, now, wanted, limits, job.call.epoch)
        job.kept[_KNOWN] = now.issues  # those of before the order tell nothing of what it asks for

    async def _free(self, job: Job[EksNodegroupSize], seen: NodegroupView) -> NodegroupView:
        """EKS takes one update at a time: wait for the one that is under way."""
        if seen.status not in UNDER_WAY:
            return seen
        job.progress.text = f"the node group is {seen.status}"
        now, free = await poll(
            lambda: self._observe(job), lambda now: now.status not in UNDER_WAY, every=self.every, within=job.allowed
        )
        if not free:
            sentence = f"The node group is {now.status}, and takes no other change meanwhile: it is tried again."
            raise StepError(ErrorType.BUSY, sentence, now.evidence())
        return now

    def _was(self, before: dict[str, JsonValue]) -> NodegroupView | None:
        return NodegroupView.from_evidence(before)

    def _why_stuck(self, seen: NodegroupView) -> str | None:
        if not seen.issues:
            return None
        return (
            f"EKS cannot bring the node group to {seen.desired} nodes ({seen.ready} are in service): "
            f"{'; '.join(seen.issues)}. Mend that, or ask for other instance types or zones, then say retry."
        )
