"""`detect.ecs`: how large a service of Amazon ECS is."""

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.ecs import read_service
from activities.contract import Job
from activities.observing import Detector, Sight
from activities.scale.ecs import ScaleEcs
from runbooks.aws.scaling import EcsSettings


class DetectEcs(OnAws, Detector[EcsSettings]):
    """A service that ECS shows is there to be scaled; its values say how large it is."""

    uses = "detect.ecs"
    tested_against = "moto + fake (tasks)"
    permissions = ("ecs:DescribeServices",)
    Settings = EcsSettings
    arns = ScaleEcs.arns

    async def _look(self, job: Job[EcsSettings]) -> Sight:
        seen = await read_service(aws(job), job.settings)
        reason = f"{seen.ready} of {seen.desired} tasks run."
        return Sight(good=True, reason=reason, values={"desired": seen.desired, "ready": seen.ready})
