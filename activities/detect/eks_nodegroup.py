"""`detect.eks_nodegroup`: how large a node group of Amazon EKS is, and what EKS finds wrong with it."""

from pydantic import JsonValue

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.eks import read_nodegroup
from activities.contract import Job
from activities.observing import Detector, Sight
from activities.scale.eks_nodegroup import ScaleEksNodegroup
from runbooks.aws.scaling import EksNodegroupSettings


class DetectEksNodegroup(OnAws, Detector[EksNodegroupSettings]):
    """Healthy when EKS finds nothing wrong with it; its values say how large it is."""

    uses = "detect.eks_nodegroup"
    permissions = ("autoscaling:DescribeAutoScalingGroups", "eks:DescribeNodegroup")
    unscoped = frozenset({"autoscaling:DescribeAutoScalingGroups"})
    tested_against = "moto + fake (DescribeNodegroup)"
    Settings = EksNodegroupSettings
    arns = ScaleEksNodegroup.arns

    async def _look(self, job: Job[EksNodegroupSettings]) -> Sight:
        seen = await read_nodegroup(aws(job), job.settings)
        reason = f"{seen.ready} of {seen.desired} nodes are in service."
        if seen.issues:
            reason = f"{reason} EKS says: {'; '.join(seen.issues)}."
        values: dict[str, JsonValue] = {"desired": seen.desired, "ready": seen.ready, "status": seen.status}
        return Sight(good=not seen.issues, reason=reason, values=values)
