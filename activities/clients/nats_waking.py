"""What a former primary is asked that may be switched off: it gets its power back first (`waking.py`)."""

from typing import Generic

from activities.acting import Act, V
from activities.clients.controller import Power
from activities.clients.nats import connected
from activities.clients.nats_pair import FollowingNats
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import read_power
from activities.waking import asleep, wake
from runbooks.steps import ErrorType, StepResult


class Waking(Act[FollowingNats, V], Generic[V]):
    """An act whose server is switched on when its power controller holds it off."""

    async def _run(self, job: Job[FollowingNats]) -> StepResult:
        silence = await _silence(job)
        if power := await _power_of_one_asleep(job, silence):
            await wake(job, power, lambda: _silence(job))
        return await super()._run(job)

    async def _check(self, job: Job[FollowingNats]) -> StepResult:
        silence = await _silence(job)
        power = await _power_of_one_asleep(job, silence)
        if silence is not None and power is not None and power.off:
            reason = "It is switched off, and would be switched on first."
            return StepResult(changed=False, reason=reason, before={"direct": silence.sentence, "power": "off"})
        return await super()._check(job)


async def _power_of_one_asleep(job: Job[FollowingNats], silence: StepError | None) -> Power | None:
    if silence is None or silence.kind is not ErrorType.UNREACHABLE:
        return None
    return asleep(job, silence, await read_power(job))


async def _silence(job: Job[FollowingNats]) -> StepError | None:
    try:
        async with connected(job.settings, job.secrets):
            return None
    except StepError as error:
        return error
