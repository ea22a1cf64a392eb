"""`fence.valkey`: no more writes on the old primary, proved: by command when it answers, else by its power."""

from pydantic import JsonValue

from activities.clients.valkey import connected
from activities.clients.valkey_fence import FenceState, lift_fence, read_fence, write_fence
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import POWER_PERMISSION, Fence, lifts, power_back, seen_before
from activities.lifeline import poll
from runbooks.kinds import ValkeySettings
from runbooks.steps import ErrorType, StepResult

_EVERY = 0.02
_COMES_BACK_WITHIN = 10.0


class FenceValkey(Fence[ValkeySettings, FenceState]):
    """Fences by command or by power. Without either it answers `proved=False`: a person or a policy decides."""

    uses = "fence.valkey"
    permissions = (
        "+info +config|get +config|set +config|rewrite +acl|dryrun +hmget +eval +watch +multi +exec, keys evac:*",
        POWER_PERMISSION,
    )
    Settings = ValkeySettings
    by = "command"
    undoable = True

    async def _read(self, job: Job[ValkeySettings]) -> FenceState:
        async with connected(job.settings, job.secrets) as server:
            return await read_fence(server, job.call, job.settings.user)

    async def _write(self, job: Job[ValkeySettings]) -> str:
        async with connected(job.settings, job.secrets) as server:
            return await write_fence(server, job.call)

    def _unable(self, job: Job[ValkeySettings]) -> str:
        may_not = f"{job.settings.user or 'default'} may not change its configuration in a transaction"
        return f"{may_not}: grant +config +watch +multi +exec, or set `power`."

    async def _undo(self, job: Job[ValkeySettings], before: dict[str, JsonValue]) -> StepResult:
        was = FenceState.from_evidence(seen_before(before))
        seen = await self._observe(job)
        done = []
        if seen.off and await power_back(job, seen):
            done.append("it was switched on")
        now = await self._answering(job) if done else seen.direct
        if isinstance(now, FenceState) and _is_ours(job, was, now):
            async with connected(job.settings, job.secrets) as server:
                await lift_fence(server, job.call, *_limits(was, now))
            done.append("its fence was lifted")
        reason = f"It takes writes again: {' and '.join(done)}." if done else "It has no fence of this decision."
        after = await self._observe(job) if done else seen
        return self._result(job, seen, after, reason, changed=bool(done)).model_copy(update={"proved": True})

    async def _answering(self, job: Job[ValkeySettings]) -> FenceState:
        """What the server says once it is up. Raises StepError."""
        now, _ = await poll(
            lambda: self._direct(job),
            lambda now: not isinstance(now, StepError) or now.final,
            every=_EVERY,
            within=min(_COMES_BACK_WITHIN, job.allowed),
        )
        if isinstance(now, StepError):
            raise now
        return now


def _is_ours(job: Job[ValkeySettings], was: FenceState | None, now: FenceState) -> bool:
    """Its fence is this decision's. Raises StepError when it is a newer one's."""
    if not now.begun:
        return False
    if (now.epoch or 0) > job.call.epoch:
        raise StepError(
            ErrorType.STALE_EPOCH,
            f"Valkey at {job.settings.where} was fenced by decision {now.epoch}, which is newer than this run's "
            f"{job.call.epoch}: its fence is left.",
            now.evidence(),
        )
    # One that could keep no note (no memory) knows of its own fence only by what it has seen before.
    return lifts(job, now.epoch, now.since) or (was is not None and not was.begun)


def _limits(was: FenceState | None, now: FenceState) -> tuple[int, int]:
    """What it had before, or Valkey's own default."""
    return (0, now.max_lag) if was is None or was.begun else (was.min_replicas, was.max_lag)
