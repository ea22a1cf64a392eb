"""`fence.postgres`: no more writes on the old primary, proved.

By SQL when it answers; by its power when it does not. Both are read at once, and only one of them acts:
a server that answers may be a standby that must not be switched off, so the power waits for the direct
answer. That costs `connect_timeout` for a host that hangs, and nothing for one that refuses.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.controller import Controller, Power
from activities.clients.postgres import connected
from activities.clients.postgres_fence import FenceState, read_fence, write_fence
from activities.contract import Job
from activities.errors import StepError
from runbooks.kinds import PostgresSettings
from runbooks.steps import FINAL_ERRORS, ErrorType, StepResult

_POWER_SECONDS = 1.0
_POWER_OFF_SECONDS = 5.0


@dataclass(frozen=True)
class Suspect:
    """The server being left, as far as it can be seen."""

    direct: FenceState | StepError
    power: Power | StepError | None
    """None: there is no controller, or its answer was not needed."""

    @property
    def fenced(self) -> str | None:
        """The sentence why it can take no writes, or None. What it says itself counts before its power's state."""
        if isinstance(self.direct, FenceState):
            return self.direct.why_fenced
        if isinstance(self.power, Power) and self.power.off:
            return "It is switched off: the power controller bars it from starting."
        return None

    def evidence(self) -> dict[str, JsonValue]:
        """What each way said."""
        direct = self.direct
        seen: dict[str, JsonValue] = {
            "direct": direct.sentence if isinstance(direct, StepError) else direct.model_dump(mode="json")
        }
        if self.power is not None:
            power = self.power
            seen["power"] = power.sentence if isinstance(power, StepError) else power.model_dump(mode="json")
        return seen


class FencePostgres(Act[PostgresSettings, Suspect]):
    """Fences by SQL or by power. Without either it answers `proved=False`: a person or a policy decides."""

    uses = "fence.postgres"
    permissions = (
        "SUPERUSER (writes pg_hba.conf, ALTER SYSTEM, pg_terminate_backend)",
        "power controller: GET and PUT /servers/{name}",
    )
    Settings = PostgresSettings

    async def _observe(self, job: Job[PostgresSettings]) -> Suspect:
        seen = await _suspect(job, enough=lambda power: power.off)
        direct, power = seen.direct, seen.power
        if isinstance(direct, StepError) and isinstance(power, StepError) and power.kind not in FINAL_ERRORS:
            # A glitch of the power controller must not read as "no proof": that may be accepted beforehand.
            raise StepError(power.kind, _unfenced(job, direct, power.sentence))
        return seen

    async def _check(self, job: Job[PostgresSettings]) -> StepResult:
        """Ready as soon as one of the two ways is: the recovery must not wait here for a host that hangs."""
        seen = await _suspect(job, enough=lambda _: True)
        if isinstance(seen.direct, FenceState) and (seen.direct.superuser or seen.fenced):
            ready, reason = True, seen.fenced or "It could be fenced by SQL."
        elif isinstance(seen.power, Power):
            ready, reason = True, seen.fenced or "It could be switched off."
        elif isinstance(seen.direct, FenceState):
            ready, reason = False, f"{job.settings.user} is no superuser, so it cannot fence: grant it, or set `power`."
        else:
            ready, reason = False, self._settled(job, seen) or ""
        return StepResult(changed=False, proved=ready, reason=reason, before=seen.evidence())

    def _settled(self, job: Job[PostgresSettings], seen: Suspect) -> str | None:
        if seen.fenced or isinstance(seen.direct, FenceState) or isinstance(seen.power, Power):
            return seen.fenced
        return _unfenced(job, seen.direct, seen.power.sentence if seen.power else "No power controller is set for it.")

    def _proved(self, seen: Suspect) -> bool:
        return seen.fenced is not None

    async def _act(self, job: Job[PostgresSettings], seen: Suspect) -> str:
        if isinstance(seen.direct, StepError):
            return await _switch_off(job)
        try:
            return await write_fence(lambda: connected(job.settings, job.secrets), job.call.epoch)
        except StepError as error:
            if job.settings.power is None or error.kind is ErrorType.STALE_EPOCH:
                raise
            return f"{await _switch_off(job)} By SQL it failed: {error.sentence}"


def _unfenced(job: Job[PostgresSettings], direct: StepError, power: str) -> str:
    return f"It could not be fenced in {job.call.region}, and may still take writes. {direct.sentence} {power}"


async def _direct(job: Job[PostgresSettings]) -> FenceState | StepError:
    try:
        async with connected(job.settings, job.secrets) as server:
            return await read_fence(server)
    except StepError as error:
        return error


def _controller(job: Job[PostgresSettings], within: float) -> Controller[Power]:
    settings = job.settings
    url = f"{(settings.power or '').rstrip('/')}/servers/{settings.application_name}"
    return Controller(url, Power, within, job.secrets.reveal(settings.power_token))


async def _power(job: Job[PostgresSettings]) -> Power | StepError | None:
    if job.settings.power is None:
        return None
    try:
        return await _controller(job, _POWER_SECONDS).get()
    except StepError as error:
        return error


async def _suspect(job: Job[PostgresSettings], enough: Callable[[Power], bool]) -> Suspect:
    """Ask both ways at once, until the server answers, or its power is `enough`, or neither has more to say."""
    direct, power = asyncio.create_task(_direct(job)), asyncio.create_task(_power(job))
    pending: set[asyncio.Task[object]] = {direct, power}
    try:
        while pending:
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            if direct.done() and isinstance(answer := direct.result(), FenceState) and answer.superuser:
                return Suspect(answer, power.result() if power.done() else None)
            if power.done() and isinstance(state := power.result(), Power) and enough(state):
                return Suspect(direct.result() if direct.done() else _not_waited_for(state), state)
        return Suspect(direct.result(), power.result())
    finally:
        for task in (direct, power):
            task.cancel()
        await asyncio.wait({direct, power})


def _not_waited_for(power: Power) -> StepError:
    return StepError(ErrorType.UNREACHABLE, f"It was not waited for: its power is {power.state}.")


async def _switch_off(job: Job[PostgresSettings]) -> str:
    """Answered when nothing of the server is left. Raises StepError."""
    controller = _controller(job, _POWER_OFF_SECONDS)
    state = await controller.put({"state": "off", "epoch": job.call.epoch})
    if not state.off:
        raise StepError(ErrorType.NOT_YET, f"{controller.url} was told to switch off and is still {state.state}.")
    return "It was switched off by its power controller."
