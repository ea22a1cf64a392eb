"""`detect.target_group`: are enough targets of a load balancer healthy?"""

from activities.aws import OnAws
from activities.clients.target_groups import look_at_targets
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.aws.checks import TargetGroupSettings


class DetectTargetGroup(OnAws, Detector[TargetGroupSettings]):
    """Healthy when as many targets are as must be."""

    uses = "detect.target_group"
    permissions = ("elasticloadbalancing:DescribeTargetHealth",)
    unscoped = frozenset(permissions)
    Settings = TargetGroupSettings

    @classmethod
    def arns(cls, settings: TargetGroupSettings) -> tuple[str, ...]:
        """The target group, though IAM cannot narrow a look to it."""
        return (settings.target_group,)

    async def _look(self, job: Job[TargetGroupSettings]) -> Sight:
        return await look_at_targets(job)
