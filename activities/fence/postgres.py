"""`fence.postgres`: no more writes on the old primary, proved: by SQL when it answers, else by its power."""

from pydantic import JsonValue

from activities.clients.postgres import connected
from activities.clients.postgres_agent import database, ordered
from activities.clients.postgres_epoch import keep_epoch, kept_epoch, refuse_stale
from activities.clients.postgres_fence import FenceState, lift_fence, read_fence, write_fence
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import POWER_PERMISSION, Fence, power_back, seen_before
from activities.lifeline import poll
from runbooks.kinds import PostgresSettings
from runbooks.steps import ErrorType, StepResult

_EVERY = 0.02
_COMES_BACK_WITHIN = 10.0
_NO_FENCE = "It has no fence of this decision."


class FencePostgres(Fence[PostgresSettings, FenceState]):
    """Fences by SQL or by power. Without either it answers `proved=False`: a person or a policy decides.

    By SQL the decision is kept in the database first: a standby that gets it refuses an older one from then on.
    """

    uses = "fence.postgres"
    permissions = (
        "SUPERUSER (writes pg_hba.conf, ALTER SYSTEM, pg_terminate_backend)",
        "CREATE on the database (evac.epoch; without it the decision is kept in pg_hba.conf alone)",
        POWER_PERMISSION,
        "undo: database agent: PUT /database",
    )
    Settings = PostgresSettings
    by = "SQL"
    undoable = True

    async def _read(self, job: Job[PostgresSettings]) -> FenceState:
        async with connected(job.settings, job.secrets) as server:
            state = await read_fence(server)
            if state.role == "standby":
                return state
            kept = await kept_epoch(server, job.call.runbook)
            refuse_stale(server.where, kept, job.call)
            return state.model_copy(update={"kept": kept})

    async def _write(self, job: Job[PostgresSettings]) -> str:
        async with connected(job.settings, job.secrets) as server:
            await keep_epoch(server, job.call)
        return await write_fence(lambda: connected(job.settings, job.secrets), job.call.epoch)

    def _unable(self, job: Job[PostgresSettings]) -> str:
        return f"{job.settings.user} is no superuser, so it cannot fence: grant it, or set `power`."

    async def _undo(self, job: Job[PostgresSettings], before: dict[str, JsonValue]) -> StepResult:
        was = FenceState.from_evidence(seen_before(before))
        seen = await self._observe(job)
        done = []
        now = seen.direct
        if seen.off and await power_back(job, seen):
            done.append("it was switched on")
            now = await self._started(job)
        if isinstance(now, FenceState) and _is_ours(job, now):
            read_only = was is not None and was.read_only and not was.marked
            await lift_fence(lambda: connected(job.settings, job.secrets), job.call, read_only=read_only)
            done.append("its fence was lifted")
        answers = "" if isinstance(now, FenceState) else ", and does not answer yet"
        reason = f"It may take writes again: {' and '.join(done)}{answers}." if done else _NO_FENCE
        after = await self._observe(job) if done else seen
        return self._result(job, seen, after, reason, changed=bool(done)).model_copy(update={"proved": True})

    async def _started(self, job: Job[PostgresSettings]) -> FenceState | StepError:
        """What the server says once it is up; its region may be dead, as it was before the fence."""
        try:
            if job.settings.agent is not None:
                await ordered(job, database(job), {"state": "run"})
        except StepError as error:
            if error.kind is not ErrorType.UNREACHABLE:
                raise
            return error
        now, _ = await poll(
            lambda: self._direct(job),
            lambda now: not isinstance(now, StepError) or now.final,
            every=_EVERY,
            within=min(_COMES_BACK_WITHIN, job.allowed),
        )
        return now


def _is_ours(job: Job[PostgresSettings], now: FenceState) -> bool:
    """Its fence is this decision's. Raises StepError when it is a newer one's."""
    if now.role == "standby" or not now.marked:
        return False
    if (now.epoch or 0) > job.call.epoch:
        raise StepError(
            ErrorType.STALE_EPOCH,
            f"PostgreSQL at {job.settings.host}:{job.settings.port} was fenced by decision {now.epoch}, which is newer "
            f"than this run's {job.call.epoch}: its fence is left.",
            now.evidence(),
        )
    return now.epoch == job.call.epoch  # of the one that put it up; newer ones that rely on it are in the database
