"""`detect.autoscaling`: how large an EC2 Auto Scaling group is."""

from activities.aws import OnAws
from activities.clients.autoscaling import read_group
from activities.clients.aws import aws
from activities.contract import Job
from activities.observing import Detector, Sight
from activities.scale.autoscaling import ScaleAutoscaling
from runbooks.aws.groups import AutoscalingSettings
from runbooks.facts import ProcessValues


class DetectAutoscaling(OnAws, Detector[AutoscalingSettings]):
    """A group that AWS shows can be scaled, unless its launches are suspended; its values say how large it is."""

    uses = "detect.autoscaling"
    tested_against = "moto + fake (launches)"
    permissions = (
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeScalingActivities",
        "elasticloadbalancing:DescribeTargetHealth",
    )
    unscoped = frozenset(permissions)
    Settings = AutoscalingSettings
    arns = ScaleAutoscaling.arns

    @classmethod
    def needs(cls, settings: AutoscalingSettings) -> tuple[str, ...]:
        """Without target groups none is asked."""
        return tuple(action for action in cls.permissions if action in ScaleAutoscaling.needs(settings))

    async def _look(self, job: Job[AutoscalingSettings]) -> Sight:
        seen = await read_group(aws(job), job.settings, job.call.epoch)
        reason = f"{seen.ready} of {seen.desired} instances are ready."
        if "Launch" in seen.suspended:
            reason = f"{reason[:-1]}, and its process Launch is suspended: it cannot grow."
        sizes = ProcessValues(desired=seen.desired, ready=seen.ready)
        return Sight(good="Launch" not in seen.suspended, reason=reason, values=sizes.model_dump(mode="json"))
