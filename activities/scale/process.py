"""`scale.process`: bring a group of service processes to its working size, and wait until it can serve."""

from pydantic import JsonValue

from activities.clients.controller import Group
from activities.contract import Job
from activities.detect.process import group
from activities.scaling import Scale, Size
from runbooks.kinds import ProcessSettings


class ScaleSettings(ProcessSettings, Size):
    """The group, and how many replicas it must have ready."""


class ScaleProcess(Scale[ScaleSettings, Group]):
    """Scales in only when told to (`down`); else more is left alone. The agent refuses a stale epoch."""

    uses = "scale.process"
    permissions = ("group agent: GET and PUT /group",)
    Settings = ScaleSettings
    every = 0.02  # its agent is near, and counts no requests

    async def _see(self, job: Job[ScaleSettings]) -> Group:
        return await group(job).get()

    async def _order(self, job: Job[ScaleSettings], seen: Group, wanted: int) -> None:
        del seen
        await group(job).put({"desired": wanted, "epoch": job.call.epoch})

    def _was(self, before: dict[str, JsonValue]) -> Group | None:
        return Group.from_evidence(before)

    def _newer(self, job: Job[ScaleSettings], seen: Group) -> str:
        return (
            f"The group of {job.call.region} has been sized by decision {seen.epoch}, which is newer than this "
            f"run's {job.call.epoch}: nothing was changed."
        )

    def _late(self, job: Job[ScaleSettings], now: Group, needed: int) -> str:
        return (
            f"{now.ready} of {needed} replicas in {job.call.region} are ready after {job.allowed:g} s: "
            "look at the log of its agent."
        )
