"""What a former primary is asked that may be switched off: it gets its power back first.

Whoever switches it on Must see to it that it comes up without its subjects where another one has taken its place.
"""

from typing import Generic

from activities.acting import Act, V
from activities.clients.controller import Power
from activities.clients.nats import connected
from activities.clients.nats_pair import FollowingNats
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import read_power, switch
from activities.lifeline import poll
from runbooks.steps import ErrorType, StepResult

_BOOT_SECONDS = 30.0
_EVERY = 0.05


class Waking(Act[FollowingNats, V], Generic[V]):
    """An act whose server is switched on when its power controller holds it off."""

    async def _run(self, job: Job[FollowingNats]) -> StepResult:
        if await _asleep(job) is not None:
            await _wake(job)
        return await super()._run(job)

    async def _check(self, job: Job[FollowingNats]) -> StepResult:
        if (asleep := await _asleep(job)) is not None:
            reason = "It is switched off, and would be switched on first."
            return StepResult(changed=False, reason=reason, before={"direct": asleep.sentence, "power": "off"})
        return await super()._check(job)


async def _asleep(job: Job[FollowingNats]) -> StepError | None:
    """Why it does not answer, if that is because it is switched off."""
    error = await _silence(job)
    if error is None or error.kind is not ErrorType.UNREACHABLE:
        return None
    power = await read_power(job)
    return error if isinstance(power, Power) and power.off else None


async def _wake(job: Job[FollowingNats]) -> None:
    await switch(job, "on")
    within = min(_BOOT_SECONDS, job.allowed)
    error, _ = await poll(lambda: _silence(job), lambda error: error is None, every=_EVERY, within=within)
    if error is not None:
        sentence = f"It was switched on, and does not answer after {within:g} s: look whether it starts."
        raise StepError(ErrorType.NOT_YET, f"{sentence} {error.sentence}")


async def _silence(job: Job[FollowingNats]) -> StepError | None:
    try:
        async with connected(job.settings, job.secrets):
            return None
    except StepError as error:
        return error
