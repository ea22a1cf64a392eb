"""`verify.target_group`: enough targets of a load balancer are healthy."""

from activities.aws import OnAws
from activities.clients.target_groups import look_at_targets
from activities.contract import Job
from activities.detect.target_group import DetectTargetGroup
from activities.observing import Sight, Verifier
from runbooks.aws.checks import TargetGroupSettings


class VerifyTargetGroup(OnAws, Verifier[TargetGroupSettings]):
    """As `detect.target_group`."""

    uses = "verify.target_group"
    permissions = DetectTargetGroup.permissions
    unscoped = DetectTargetGroup.unscoped
    Settings = TargetGroupSettings
    arns = DetectTargetGroup.arns
    every = 1.0  # a cloud counts requests

    async def _look(self, job: Job[TargetGroupSettings]) -> Sight:
        return await look_at_targets(job)
