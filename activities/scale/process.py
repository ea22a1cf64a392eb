"""`scale.process`: bring a group of service processes to its working size, and wait until it can serve."""

from pydantic import Field

from activities.acting import Act
from activities.clients.controller import Group
from activities.contract import Job
from activities.detect.process import group
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.kinds import ProcessSettings
from runbooks.steps import ErrorType

_EVERY = 0.02


class ScaleSettings(ProcessSettings):
    """The group, and how many replicas it must have ready."""

    replicas: int = Field(ge=0)


class ScaleProcess(Act[ScaleSettings, Group]):
    """Never scales in: more than asked for is left alone. The agent keeps the epoch and refuses a stale one."""

    uses = "scale.process"
    permissions = ("group agent: GET and PUT /group",)
    Settings = ScaleSettings

    async def _observe(self, job: Job[ScaleSettings]) -> Group:
        seen = await group(job).get()
        if seen.epoch > job.call.epoch:
            raise StepError(
                ErrorType.STALE_EPOCH,
                f"The group of {job.call.region} has been sized by decision {seen.epoch}, which is newer than this "
                f"run's {job.call.epoch}: nothing was changed.",
                seen.evidence(),
            )
        return seen

    def _settled(self, job: Job[ScaleSettings], seen: Group) -> str | None:
        if min(seen.desired, seen.ready) < job.settings.replicas:
            return None
        return f"{seen.ready} replicas are ready already, and {job.settings.replicas} are needed."

    async def _act(self, job: Job[ScaleSettings], seen: Group) -> str:
        needed = job.settings.replicas
        if seen.desired < needed:
            await group(job).put({"desired": needed, "epoch": job.call.epoch})
        now, enough = await poll(
            lambda: self._patiently(job, seen), lambda now: now.ready >= needed, every=_EVERY, within=job.allowed
        )
        if not enough:
            raise StepError(
                ErrorType.NOT_YET,
                f"{now.ready} of {needed} replicas in {job.call.region} are ready after {job.allowed:g} s: "
                "look at the log of its agent.",
                now.evidence(),
            )
        return f"{now.ready} replicas are ready; before there were {seen.ready}."

    async def _patiently(self, job: Job[ScaleSettings], seen: Group) -> Group:
        """Look; starting replicas may keep the machine so busy that its agent misses its bound now and then."""
        try:
            return await self._observe(job)
        except StepError as error:
            if error.final:
                raise
            return seen
