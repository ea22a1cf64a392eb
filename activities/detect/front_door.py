"""`detect.front_door`: which origins of an Azure Front Door take traffic."""

from activities.azure import OnAzure
from activities.clients.azure import azure
from activities.clients.front_door import FrontDoorOrigins, read_front_door
from activities.contract import Job
from activities.cut_over.front_door import CutOverFrontDoor
from activities.observing import Detector, Sight
from activities.switching import sight


class DetectFrontDoor(OnAzure, Detector[FrontDoorOrigins]):
    """Healthy when any origin of the runbook is enabled."""

    uses = "detect.front_door"
    permissions = ("Microsoft.Cdn/profiles/originGroups/origins/read", "Microsoft.Cdn/profiles/read")
    Settings = FrontDoorOrigins
    scopes = CutOverFrontDoor.scopes

    async def _look(self, job: Job[FrontDoorOrigins]) -> Sight:
        return sight(await read_front_door(azure(job), job.settings), job.call.resource)
