"""`fence.postgres_logical`: the writers' roles can log in no more where the writer was, and their sessions are ended.

Whoever else can log in and may change a copied table is named, and the fence is then no proof.
"""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.postgres import connected
from activities.clients.postgres_epoch import refuse_stale
from activities.clients.postgres_logical_fence import FenceView, lift_fence, read_fence, write_fence
from activities.clients.postgres_logical_rights import why_unable
from activities.contract import Job
from activities.errors import StepError
from runbooks.postgres_logical import PostgresLogicalSettings
from runbooks.steps import ErrorType, StepResult

_SILENT = frozenset({ErrorType.UNREACHABLE, ErrorType.TIMED_OUT})
"""What a server of a dead region answers."""


@dataclass(frozen=True)
class Suspect:
    """The database being left, or why nothing can be seen of it."""

    seen: FenceView | StepError

    def evidence(self) -> dict[str, JsonValue]:
        """What it said."""
        return {"silence": self.seen.sentence} if isinstance(self.seen, StepError) else self.seen.evidence()


class FencePostgresLogical(Act[PostgresLogicalSettings, Suspect]):
    """Takes LOGIN from the writers' roles and ends their sessions; undone, whoever had it has it again.

    A server that is silent is answered with `proved=False`: a person or a policy decides.
    """

    uses = "fence.postgres_logical"
    permissions = (
        "CREATEROLE, and the writers' roles WITH ADMIN (ALTER ROLE ... NOLOGIN)",
        "pg_signal_backend",
        "CREATE on the database (schema evac, whose comment keeps the decision)",
    )
    Settings = PostgresLogicalSettings
    undoable = True

    async def _observe(self, job: Job[PostgresLogicalSettings]) -> Suspect:
        try:
            async with connected(job.settings, job.secrets) as server:
                seen = await read_fence(server, job.settings, job.call.runbook)
        except StepError as error:
            if error.kind not in _SILENT:
                raise
            return Suspect(error)
        refuse_stale(job.settings.where, seen.state.note.epoch, job.call)
        return Suspect(seen)

    def _settled(self, job: Job[PostgresLogicalSettings], seen: Suspect) -> str | None:
        now = seen.seen
        if isinstance(now, StepError):
            return f"It could not be fenced in {job.call.region}, and may still take writes. {now.sentence}"
        return now.why_fenced if now.state.note.epoch == job.call.epoch else None

    def _proved(self, seen: Suspect) -> bool:
        return not isinstance(seen.seen, StepError) and seen.seen.proved

    async def _act(self, job: Job[PostgresLogicalSettings], seen: Suspect) -> str:
        del seen
        async with connected(job.settings, job.secrets) as server:
            ended = await write_fence(server, job.settings, job.call)
            now = await read_fence(server, job.settings, job.call.runbook)
        return f"No writer can log in any more, and {ended} sessions were ended.{now.doubt}"

    async def _check(self, job: Job[PostgresLogicalSettings]) -> StepResult:
        seen = await self._observe(job)
        if isinstance(seen.seen, StepError):
            return StepResult(
                changed=False, proved=False, reason=self._settled(job, seen) or "", before=seen.evidence()
            )
        async with connected(job.settings, job.secrets) as server:
            unable = await why_unable(server, job.settings)
        ready = not unable and not seen.seen.doubt
        reason = seen.seen.why_fenced or f"Its writers could be shut out.{seen.seen.doubt}"
        return StepResult(changed=False, proved=ready, reason=" ".join((reason, *unable)), before=seen.evidence())

    async def _undo(self, job: Job[PostgresLogicalSettings], before: dict[str, JsonValue]) -> StepResult:
        seen = await self._observe(job)
        if isinstance(seen.seen, StepError):
            if "silence" not in before:
                raise seen.seen
            reason = f"It did not answer before the fence, either. {seen.seen.sentence}"
            return self._result(job, seen, seen, reason, changed=False).model_copy(update={"proved": True})
        async with connected(job.settings, job.secrets) as server:
            let_in = await lift_fence(server, job.call) if seen.seen.state.note.fenced == job.call.epoch else ()
        after = await self._observe(job)
        reason = f"{', '.join(let_in)} can log in again." if let_in else "It has no fence of this decision."
        return self._result(job, seen, after, reason, changed=bool(let_in)).model_copy(update={"proved": True})
