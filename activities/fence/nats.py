"""`fence.nats`: no more messages for the old primary, proved: by JetStream when it answers, else by its power.

JetStream changes a stream without a condition, so whoever changes it has looked the moment before, and looks after it.
"""

import json

from pydantic import JsonValue

from activities.acting import SettledMeanwhile
from activities.clients.nats import Jet, connected
from activities.clients.nats_publish import tries_to_publish
from activities.clients.nats_stream import (
    EPOCH,
    FENCED,
    FENCED_BY,
    StreamState,
    parked,
    quiet,
    read_stream,
    subjects_before,
    update_stream,
)
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import POWER_PERMISSION, Fence, lifts, power_back, seen_before
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
            state = await read_stream(jet, job.settings)
        if state.role == "primary":
            state.refuse_stale(job.call.epoch, job.call.region)
        return state

    async def _write(self, job: Job[NatsSettings]) -> str:
        async with connected(job.settings, job.secrets) as jet:
            seen = await read_stream(jet, job.settings)
            seen.refuse_stale(job.call.epoch, job.call.region)
            if seen.role == "standby":
                raise SettledMeanwhile(seen.why_fenced)
            epoch = str(job.call.epoch)
            if seen.fenced:
                # What the fence has taken, and whose it is, stays.
                since = {FENCED_BY: seen.metadata[EPOCH]} if EPOCH in seen.metadata else {}
                await update_stream(jet, job.settings, seen, {**since, **seen.metadata, EPOCH: epoch})
                await _proved_shut(jet, job.settings)
                raise SettledMeanwhile(seen.why_fenced)
            taken = json.dumps(_subjects(seen))
            metadata = {**seen.metadata, EPOCH: epoch, FENCED: taken, FENCED_BY: epoch}
            await update_stream(jet, job.settings, seen, metadata, subjects=[parked(job.settings)])
            return await _proved_shut(jet, job.settings)

    async def _undo(self, job: Job[NatsSettings], before: dict[str, JsonValue]) -> StepResult:
        was = StreamState.from_evidence(seen_before(before))
        seen = await self._observe(job)
        done = []
        now = seen.direct
        if seen.off and await power_back(job, seen):
            done.append("it was switched on")
            now = await self._direct(job)
        if isinstance(now, StepError) and was is not None and not seen.off:
            raise now  # it answered when it was fenced, so whether it is still fenced must be asked
        if not isinstance(now, StepError) and _is_ours(job, now):
            done.append(await _lift(job))
        reason = f"It takes messages again: {' and '.join(done)}." if done else "It has no fence of this decision."
        after = await self._observe(job) if done else seen
        return self._result(job, seen, after, reason, changed=bool(done)).model_copy(update={"proved": True})

    def _unable(self, job: Job[NatsSettings]) -> str:
        return f"{job.settings.user} may not fence it: grant it the JetStream API, or set `power`."


def _is_ours(job: Job[NatsSettings], now: StreamState) -> bool:
    """Its fence is this decision's; an older one's stays. Raises StepError when it is a newer one's."""
    if now.fenced:
        now.refuse_stale(job.call.epoch, job.call.region)
    return now.fenced and lifts(job, now.epoch, now.fenced_by)


async def _lift(job: Job[NatsSettings]) -> str:
    async with connected(job.settings, job.secrets) as jet:
        seen = await read_stream(jet, job.settings)
        seen.refuse_stale(job.call.epoch, job.call.region)
        subjects = subjects_before(seen) or list(job.settings.subjects)
        metadata = {key: value for key, value in seen.metadata.items() if key not in (FENCED, FENCED_BY)}
        await update_stream(jet, job.settings, seen, {**metadata, EPOCH: str(job.call.epoch)}, subjects=subjects)
        now = await read_stream(jet, job.settings)
    if now.fenced:
        raise StepError(ErrorType.NOT_YET, f"The stream at {jet.where} is still fenced: it will be tried again.")
    return f"{', '.join(map(str, subjects))} were given back, from sequence {now.last + 1}"


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
