"""The shape of every fence: by command when the server answers, by its power when it does not.

Both are read at once, and only one of them acts: a server that answers may be a standby that must not be switched
off, so the power waits for the direct answer. That costs `connect_timeout` for a host that hangs, and nothing for
one that refuses.

A fence has two decisions: the one that put it up, and the newest one that relies on it. Whoever finds it standing has
its own decision kept all the same, so that an older run cannot lift it any more (stale); and only the run that put it
up, and that no other relies on since, lifts it (`lifts`). Whatever can be undone keeps this rule: those of a cloud too.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import JsonValue

from activities.acting import Act, SettledMeanwhile
from activities.clients.controller import Controller, Power
from activities.contract import Job
from activities.errors import StepError
from runbooks.kinds import PoweredSettings
from runbooks.steps import FINAL_ERRORS, ErrorType, StepResult

_SILENCE = frozenset({ErrorType.UNREACHABLE, ErrorType.TIMED_OUT})
"""What a server of a dead region answers."""
_POWER_SECONDS = 1.0
_SWITCH_SECONDS = 5.0

POWER_PERMISSION = "power controller: GET and PUT /servers/{name}"


class Fenceable(Protocol):
    """How far a server is fenced, by its own words."""

    @property
    def able(self) -> bool:
        """Whoever asked may fence it by command."""
        ...

    @property
    def why_fenced(self) -> str | None:
        """The sentence why it can take no writes of the application, or None."""
        ...

    def keeps(self, epoch: int) -> bool:
        """That decision is kept with it, or need not be: it has no fence to lift."""
        ...

    def evidence(self) -> dict[str, JsonValue]:
        """What goes in the run's record."""
        ...


F = TypeVar("F", bound=Fenceable)
P = TypeVar("P", bound=PoweredSettings)


@dataclass(frozen=True)
class Suspect(Generic[F]):
    """The server being left, as far as it can be seen."""

    direct: F | StepError
    power: Power | StepError | None
    """None: there is no controller, or its answer was not needed."""

    @property
    def fenced(self) -> str | None:
        """The sentence why it can take no writes, or None. What it says itself counts before its power's state."""
        if not isinstance(self.direct, StepError):
            return self.direct.why_fenced
        return "It is switched off: the power controller bars it from starting." if self.off else None

    @property
    def off(self) -> bool:
        """It does not answer, since it has no power."""
        return isinstance(self.direct, StepError) and isinstance(self.power, Power) and self.power.off

    def keeps(self, epoch: int) -> bool:
        """That decision is kept where it is fenced."""
        if not isinstance(self.direct, StepError):
            return self.direct.keeps(epoch)
        return isinstance(self.power, Power) and self.power.epoch == epoch

    def evidence(self) -> dict[str, JsonValue]:
        """What each way said."""
        direct = self.direct
        seen: dict[str, JsonValue] = {"direct": direct.sentence if isinstance(direct, StepError) else direct.evidence()}
        if self.power is not None:
            power = self.power
            seen["power"] = power.sentence if isinstance(power, StepError) else power.model_dump(mode="json")
        return seen


class Fence(Act[P, Suspect[F]], Generic[P, F]):
    """Fences by command or by power.

    Without power a server that is silent is answered with `proved=False`: a person or a policy decides. One that turns
    us away is an error: it is alive.
    """

    by: ClassVar[str]
    """How its commands are given: `It could be fenced by SQL.`"""

    @abstractmethod
    async def _read(self, job: Job[P]) -> F:
        """Ask the server how far it is fenced. Raises StepError."""

    @abstractmethod
    async def _write(self, job: Job[P]) -> str:
        """Keep the decision, fence it by command, prove it, and say so. Raises StepError, or SettledMeanwhile."""

    @abstractmethod
    def _unable(self, job: Job[P]) -> str:
        """The sentence why whoever asks cannot fence it by command, and what to do."""

    async def _observe(self, job: Job[P]) -> Suspect[F]:
        seen = await self._suspect(job, enough=lambda power: power.off)
        direct, power = seen.direct, seen.power
        if not isinstance(direct, StepError) or isinstance(power, Power):
            return seen
        # Neither a glitch nor a refusal must read as "no proof", which is a dead region's and may be accepted
        # beforehand: a power controller that is silent for a moment, and a server that is alive and turned us away.
        if isinstance(power, StepError) and power.kind not in FINAL_ERRORS:
            raise StepError(power.kind, _unfenced(job, direct, power))
        if direct.kind not in _SILENCE:
            raise StepError(direct.kind, _unfenced(job, direct, power), direct.evidence)
        return seen

    async def _check(self, job: Job[P]) -> StepResult:
        """Ready as soon as one of the two ways is: the recovery must not wait here for a host that hangs."""
        seen = await self._suspect(job, enough=lambda _: True)
        answers = not isinstance(seen.direct, StepError)
        if not isinstance(seen.direct, StepError) and (seen.direct.able or seen.fenced):
            ready, reason = True, seen.fenced or f"It could be fenced by {self.by}."
        elif isinstance(seen.power, Power):
            ready, reason = True, seen.fenced or "It could be switched off."
        else:
            ready, reason = False, self._unable(job) if answers else self._settled(job, seen) or ""
        return StepResult(changed=False, proved=ready, reason=reason, before=seen.evidence())

    def _settled(self, job: Job[P], seen: Suspect[F]) -> str | None:
        if seen.fenced or not isinstance(seen.direct, StepError) or isinstance(seen.power, Power):
            return seen.fenced if seen.keeps(job.call.epoch) else None
        return _unfenced(job, seen.direct, seen.power)

    def _proved(self, seen: Suspect[F]) -> bool:
        return seen.fenced is not None

    async def _act(self, job: Job[P], seen: Suspect[F]) -> str:
        if isinstance(seen.direct, StepError):
            try:
                done = await switch_off(job)
            except StepError as error:
                raise StepError(error.kind, _unfenced(job, seen.direct, error), error.evidence) from None
            if seen.fenced:
                raise SettledMeanwhile(seen.fenced)
            return done
        try:
            return await self._write(job)
        except StepError as error:
            if job.settings.power is None or error.kind is ErrorType.STALE_EPOCH or seen.fenced:
                raise
            return f"{await switch_off(job)} By {self.by} it failed: {error.sentence}"

    async def _suspect(self, job: Job[P], enough: Callable[[Power], bool]) -> Suspect[F]:
        """Ask both ways at once, until the server answers, or its power is `enough`, or neither has more to say."""
        direct, power = asyncio.create_task(self._direct(job)), asyncio.create_task(read_power(job))
        pending: set[asyncio.Task[object]] = {direct, power}
        try:
            while pending:
                _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                if direct.done() and not isinstance(answer := direct.result(), StepError) and answer.able:
                    return Suspect(answer, power.result() if power.done() else None)
                if power.done() and isinstance(state := power.result(), Power) and enough(state):
                    return Suspect(direct.result() if direct.done() else _not_waited_for(state), state)
            return Suspect(direct.result(), power.result())
        finally:
            for task in (direct, power):
                task.cancel()
            await asyncio.wait({direct, power})

    async def _direct(self, job: Job[P]) -> F | StepError:
        try:
            return await self._read(job)
        except StepError as error:
            if error.kind is ErrorType.STALE_EPOCH:
                raise  # it is no reason to switch the server off
            return error


def seen_before(before: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What the server itself had said before the act, from its record; empty: it is not known, or it was silent."""
    direct = before.get("direct")
    return direct if isinstance(direct, dict) else {}


async def read_power(job: Job[P]) -> Power | StepError | None:
    """What the server's power controller says; None when it has none."""
    if job.settings.power is None:
        return None
    try:
        return await _controller(job, _POWER_SECONDS).get()
    except StepError as error:
        return error


async def switch_off(job: Job[P]) -> str:
    """Answered when nothing of the server is left. Raises StepError."""
    await switch(job, "off")
    return "It was switched off by its power controller."


async def power_back(job: Job[P], seen: Suspect[F]) -> bool:
    """Give the power back that this very decision took. False: it was taken before. Raises StepError when after."""
    power = seen.power
    if not isinstance(power, Power):
        return False
    if power.epoch <= job.call.epoch and not lifts(job, power.epoch, power.since):
        return False
    await switch(job, "on")  # a newer decision's is refused
    return True


def lifts(job: Job[Any], newest: int | None, since: int | None) -> bool:
    """This run may lift a fence: it put it up (`since`; None: not kept), and no other relies on it (`newest`)."""
    return newest == job.call.epoch and since in (None, job.call.epoch)


async def switch(job: Job[P], state: Literal["on", "off"]) -> None:
    """Turn the server's power, under the call's epoch. Raises StepError, also for a stale epoch."""
    controller = _controller(job, _SWITCH_SECONDS)
    answer = await controller.put({"state": state, "epoch": job.call.epoch})
    if answer.state != state:
        raise StepError(ErrorType.NOT_YET, f"{controller.url} was told to switch {state} and is still {answer.state}.")


def _controller(job: Job[P], within: float) -> Controller[Power]:
    settings = job.settings
    url = f"{(settings.power or '').rstrip('/')}/servers/{settings.power_name}"
    return Controller(url, Power, within, job.secrets.reveal(settings.power_token))


def _unfenced(job: Job[P], direct: StepError, power: StepError | None) -> str:
    said = power.sentence if power else "No power controller is set for it."
    return f"It could not be fenced in {job.call.region}, and may still take writes. {direct.sentence} {said}"


def _not_waited_for(power: Power) -> StepError:
    return StepError(ErrorType.UNREACHABLE, f"It was not waited for: its power is {power.state}.")
