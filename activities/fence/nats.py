"""`fence.nats`: no more messages for the old primary, proved: by JetStream when it answers, else by its power."""

import json

from pydantic import JsonValue

from activities.clients.controller import Power
from activities.clients.nats import Jet, connected
from activities.clients.nats_publish import tries_to_publish
from activities.clients.nats_stream import (
    EPOCH,
    FENCED,
    StreamState,
    parked,
    quiet,
    read_stream,
    subjects_before,
    update_stream,
)
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import POWER_PERMISSION, Fence, Suspect, switch
from runbooks.kinds import NatsSettings
from runbooks.steps import ErrorType, StepResult

_WITHIN = 2.0


class FenceNats(Fence[NatsSettings, StreamState]):
    """Takes the stream's subjects away, or its server's power. Without either it answers `proved=False`."""

    uses = "fence.nats"
    permissions = ("$JS.API.STREAM.INFO and UPDATE of the stream", "publish to its subjects", POWER_PERMISSION)
    Settings = NatsSettings
    by = "JetStream"
    undoable = True

    async def _read(self, job: Job[NatsSettings]) -> StreamState:
        async with connected(job.settings, job.secrets) as jet:
            return await read_stream(jet, job.settings)

    async def _write(self, job: Job[NatsSettings]) -> str:
        async with connected(job.settings, job.secrets) as jet:
            seen = await read_stream(jet, job.settings)
            seen.refuse_stale(job.call.epoch, job.call.region)
            taken: list[JsonValue] = list(_subjects(seen))
            metadata = {**seen.metadata, EPOCH: str(job.call.epoch), FENCED: json.dumps(taken)}
            await update_stream(jet, job.settings, seen, metadata, subjects=[parked(job.settings)])
            return await _proved_shut(jet, job.settings)

    async def _undo(self, job: Job[NatsSettings], before: dict[str, JsonValue]) -> StepResult:
        seen = await self._observe(job)
        if (why_not := _why_left(seen, before)) is not None:
            return self._result(job, seen, seen, why_not, changed=False)
        if isinstance(seen.direct, StepError):
            await switch(job, "on")
            reason = "Its power was switched on again."
        else:
            reason = await _lift(job)
        return self._result(job, seen, await self._observe(job), reason, changed=True)

    def _unable(self, job: Job[NatsSettings]) -> str:
        return f"{job.settings.user} may not fence it: grant it the JetStream API, or set `power`."


def _why_left(seen: Suspect[StreamState], before: dict[str, JsonValue]) -> str | None:
    """The sentence why there is nothing to take back, or None."""
    if not isinstance(seen.direct, StepError):
        if not seen.direct.fenced:
            return "It is not fenced: there is nothing to lift."
        was = StreamState.from_evidence(_mapping(before.get("direct")))
        return "It was fenced before the step: it is left so." if was is not None and was.fenced else None
    if not isinstance(seen.power, Power) or not seen.power.off:
        return f"It is not switched off: there is nothing to take back. {seen.direct.sentence}"
    was_off = _mapping(before.get("power")).get("state") == "off"
    return "It was switched off before the step: it is left so." if was_off else None


async def _lift(job: Job[NatsSettings]) -> str:
    async with connected(job.settings, job.secrets) as jet:
        seen = await read_stream(jet, job.settings)
        seen.refuse_stale(job.call.epoch, job.call.region)
        subjects = subjects_before(seen) or list(job.settings.subjects)
        metadata = {key: value for key, value in seen.metadata.items() if key != FENCED}
        await update_stream(jet, job.settings, seen, {**metadata, EPOCH: str(job.call.epoch)}, subjects=subjects)
        now = await read_stream(jet, job.settings)
    if now.fenced:
        raise StepError(ErrorType.NOT_YET, f"The stream at {jet.where} is still fenced: it will be tried again.")
    return f"The fence was lifted: it takes {', '.join(map(str, subjects))} again, from sequence {now.last + 1}."


def _mapping(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _subjects(seen: StreamState) -> list[JsonValue]:
    kept = seen.config.get("subjects")
    return list(kept) if isinstance(kept, list) else subjects_before(seen)


async def _proved_shut(jet: Jet, settings: NatsSettings) -> str:
    """Its configuration is read back, what was on its way has arrived, and a publish finds nobody."""
    state = await quiet(jet, settings, _WITHIN)
    if not state.fenced:
        raise StepError(
            ErrorType.NOT_YET,
            f"The stream at {jet.where} was told to take nothing, and says otherwise: it will be tried again.",
            state.evidence(),
        )
    taken = await tries_to_publish(jet, settings)
    by = "a publish to its subjects is refused" if taken is None else "its subjects are another region's now"
    return f"It is fenced at sequence {state.last}: {by}."
