"""`detect.process`: the size of a group of service processes, as its agent counts it."""

from activities.clients.controller import Controller, Group
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.facts import ProcessValues
from runbooks.kinds import ProcessSettings


def group(job: Job[ProcessSettings]) -> Controller[Group]:
    """The group behind the agent of these settings. Raises StepError when the token cannot be read."""
    settings = job.settings
    return Controller(
        f"{settings.agent.rstrip('/')}/group", Group, settings.timeout, job.secrets.reveal(settings.token)
    )


class DetectProcess(Detector[ProcessSettings]):
    """Healthy when everything that is wanted is ready."""

    uses = "detect.process"
    permissions = ("group agent: GET /group",)
    Settings = ProcessSettings

    async def _look(self, job: Job[ProcessSettings]) -> Sight:
        seen = await group(job).get()
        values = ProcessValues(desired=seen.desired, ready=seen.ready)
        return Sight(
            good=seen.ready >= seen.desired,
            reason=f"{seen.ready} of {seen.desired} replicas are ready.",
            values=values.model_dump(mode="json"),
        )
