"""`scale.process`: bring a group of service processes to its working size, and wait until it can serve."""

from pydantic import Field, JsonValue

from activities.acting import Act
from activities.clients.controller import Group
from activities.contract import Job
from activities.detect.process import group
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.kinds import ProcessSettings
from runbooks.steps import ErrorType, StepResult

_EVERY = 0.02


class ScaleSettings(ProcessSettings):
    """The group, and how many replicas it must have ready."""

    replicas: int = Field(ge=0)
    down: bool = False
    """Scale in, to exactly so many: only where traffic has left."""


class ScaleProcess(Act[ScaleSettings, Group]):
    """Scales in only when told to (`down`); else more is left alone. The agent refuses a stale epoch."""

    uses = "scale.process"
    permissions = ("group agent: GET and PUT /group",)
    Settings = ScaleSettings
    undoable = True

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
        needed = job.settings.replicas
        if job.settings.down:
            few = f"{seen.desired} replicas are wanted already, and no more than {needed} should be."
            return few if seen.desired <= needed else None
        if min(seen.desired, seen.ready) < needed:
            return None
        return f"{seen.ready} replicas are ready already, and {needed} are needed."

    async def _act(self, job: Job[ScaleSettings], seen: Group) -> str:
        needed = job.settings.replicas
        if job.settings.down:
            return await self._shrink(job, seen, needed)
        return await self._grow(job, seen, needed)

    async def _undo(self, job: Job[ScaleSettings], before: dict[str, JsonValue]) -> StepResult:
        was = Group.from_evidence(before)
        seen = await self._observe(job)
        if was is None:
            reason = f"How large the group was is not known: its {seen.desired} replicas are left."
            return self._result(job, seen, seen, reason, changed=False)
        done = seen.desired >= was.desired if job.settings.down else seen.desired <= was.desired
        if done:
            reason = f"{seen.desired} replicas are wanted already; before the step there were {was.desired}."
            return self._result(job, seen, seen, reason, changed=False)
        change = self._grow if job.settings.down else self._shrink
        reason = await change(job, seen, was.desired)
        return self._result(job, seen, await self._observe(job), reason, changed=True)

    async def _shrink(self, job: Job[ScaleSettings], seen: Group, wanted: int) -> str:
        """Order fewer. Nobody waits for them to be gone: the agent has taken the order, and that is all it needs."""
        await group(job).put({"desired": wanted, "epoch": job.call.epoch})
        return f"{wanted} replicas are wanted; before there were {seen.desired}."

    async def _grow(self, job: Job[ScaleSettings], seen: Group, needed: int) -> str:
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
