"""`detect.global_accelerator`: which endpoint groups of Global Accelerator take traffic."""

from activities.aws import OnAws
from activities.clients.accelerator import Dials, read_dials
from activities.clients.aws import aws
from activities.contract import Job
from activities.cut_over.global_accelerator import CutOverGlobalAccelerator
from activities.observing import Detector, Sight
from activities.switching import sight


class DetectGlobalAccelerator(OnAws, Detector[Dials]):
    """Healthy when any dial is open."""

    uses = "detect.global_accelerator"
    permissions = (
        "globalaccelerator:DescribeAccelerator",
        "globalaccelerator:DescribeEndpointGroup",
        "globalaccelerator:ListTagsForResource",
    )
    Settings = Dials
    arns = CutOverGlobalAccelerator.arns

    async def _look(self, job: Job[Dials]) -> Sight:
        return sight(await read_dials(aws(job), job.settings), job.call.resource)
