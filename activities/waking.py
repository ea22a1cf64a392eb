"""A server whose power controller holds it off, or has given it its power back a moment ago: it has to come up first.

Whoever wakes one Must see to it that it comes up without taking writes where another one has taken its place.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from activities.clients.controller import Power
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import switch
from activities.lifeline import poll
from runbooks.kinds import PoweredSettings
from runbooks.steps import ErrorType

_BOOT_SECONDS = 30.0
_EVERY = 0.05

P = TypeVar("P", bound=PoweredSettings)


def asleep(job: Job[P], silence: StepError | None, power: Power | StepError | None) -> Power | None:
    """Its power, if it is silent since it has none, or since this very decision switched it on and it is not up yet.

    Its first try may have been killed between the two, or not have lived to see it come up.
    """
    if silence is None or not isinstance(power, Power):
        return None
    return power if power.off or (not silence.final and power.switched_by(job.call.epoch)) else None


async def wake(job: Job[P], power: Power, silence: Callable[[], Awaitable[StepError | None]]) -> None:
    """Switch it on unless it is, and wait until it answers: `silence` tells why it does not. Raises StepError."""
    if power.off:
        await switch(job, "on")
    within = min(_BOOT_SECONDS, job.allowed)
    error, _ = await poll(silence, lambda error: error is None, every=_EVERY, within=within)
    if error is not None:
        sentence = f"It was switched on, and does not answer after {within:g} s: look whether it starts."
        raise StepError(error.kind if error.final else ErrorType.NOT_YET, f"{sentence} {error.sentence}")
