"""`detect.routing_control`: which of ARC's routing controls are on."""

from activities.aws import OnAws
from activities.clients.routing_control import Controls, read_controls
from activities.contract import Job
from activities.cut_over.routing_control import CutOverRoutingControl
from activities.observing import Detector, Sight
from activities.switching import sight


class DetectRoutingControl(OnAws, Detector[Controls]):
    """Asks the cluster's endpoints in turn. Healthy when any control is on."""

    uses = "detect.routing_control"
    permissions = (
        "route53-recovery-cluster:GetRoutingControlState",
        "route53-recovery-control-config:ListTagsForResource",
    )
    Settings = Controls
    arns = CutOverRoutingControl.arns

    async def _look(self, job: Job[Controls]) -> Sight:
        return sight(await read_controls(job), job.call.resource)
