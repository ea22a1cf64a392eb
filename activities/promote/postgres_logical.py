"""`promote.postgres_logical`: a subscriber follows nobody any more, and its writers can log in.

In this order: its own publication, so that others can follow it; the subscription is dropped without a word to its
upstream, which may be dead; nothing is applied any more; sequences are set beyond what rows have; and last, together
with the end of the decision's note, the writers. Whoever is killed in between leaves a database that nobody writes to,
and that says that it is to be promoted: the next attempt goes on.
"""

from collections.abc import Collection
from dataclasses import dataclass

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.postgres import Server, connected
from activities.clients.postgres_epoch import refuse_stale
from activities.clients.postgres_logical import LogicalState, named, read_logical
from activities.clients.postgres_logical_fence import let_log_in
from activities.clients.postgres_logical_note import Note, at_once, be_patient, deciding, keep_note
from activities.clients.postgres_logical_pair import PromoteSettings, identity
from activities.clients.postgres_logical_rights import why_unable
from activities.clients.postgres_logical_sequences import read_sequences, set_beyond
from activities.clients.postgres_logical_shape import Shape, faults, local_faults, read_shapes
from activities.clients.postgres_logical_slots import make_slot
from activities.clients.postgres_logical_subscription import nothing_applies, publish, unsubscribe
from activities.clients.postgres_logical_upstream import Upstream, drop_former_slot, last_words
from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType, StepResult


@dataclass(frozen=True)
class Candidate:
    """A database that is to take writes, on an open connection."""

    server: Server
    state: LogicalState

    def evidence(self) -> dict[str, JsonValue]:
        """What it said."""
        return self.state.evidence()


class PromotePostgresLogical(Act[PromoteSettings, Candidate]):
    """Drops the subscription, sets the sequences, and lets the writers in, in this order.

    With an `upstream` (nothing may be lost) that answers, it is seen once more to take no writes, and to have nothing
    that this subscriber lacks; its slot is dropped afterwards. Without one the slot stays: a reseed there drops it.
    """

    uses = "promote.postgres_logical"
    permissions = (
        "owner of the subscription and of the copied tables, or a member of their owners (publication, sequences)",
        "CREATE on the database (publication, schema evac)",
        "CREATEROLE, and the writers' roles WITH ADMIN (ALTER ROLE ... LOGIN)",
        "pg_read_all_stats: pg_stat_activity",
        "REPLICATION on both servers (a slot for the former primary, dropping that of this one)",
        "upstream: EXECUTE on pg_logical_emit_message()",
    )
    Settings = PromoteSettings

    async def _observe(self, job: Job[PromoteSettings]) -> Candidate:
        server = await job.stack.enter_async_context(connected(job.settings, job.secrets))
        state = await read_logical(server, job.settings, job.call.runbook)
        refuse_stale(server.where, state.note.epoch, job.call)
        if why_not := _why_not(server, state):
            raise StepError(ErrorType.WRONG_STATE, why_not, state.evidence())
        return Candidate(server, state)

    async def _observe_after(self, job: Job[PromoteSettings], seen: Candidate) -> Candidate:
        return Candidate(seen.server, await read_logical(seen.server, job.settings, job.call.runbook))

    def _settled(self, job: Job[PromoteSettings], seen: Candidate) -> str | None:
        state = seen.state
        if state.role == "primary" and state.note.epoch == job.call.epoch and state.note.promoting is None:
            return "It is primary already, and its writers can log in."
        return None

    async def _act(self, job: Job[PromoteSettings], seen: Candidate) -> str:
        upstream = await last_words(job, seen.server, seen.state)
        done = [upstream.sentence] if upstream.sentence else []
        async with deciding(seen.server, job.call):
            await be_patient(seen.server, job.allowed)
            now = await read_logical(seen.server, job.settings, job.call.runbook)
            if now.role == "standby":
                done += await _let_go(job, seen.server, now, upstream)
                now = now.model_copy(update={"note": await _turn_round(job, seen.server, now.note, upstream)})
            async with at_once(seen.server):
                await let_log_in(seen.server, job.settings.writers, allowed=True)
                note = now.note.model_copy(update={"promoting": None, "fenced": None, "took": (), "follows": None})
                await keep_note(seen.server, job.call, note)
        done.append(await drop_former_slot(job, seen.state))
        return f"It takes writes of {named(job.settings.writers)}: {'; '.join(filter(None, done))}."

    async def _check(self, job: Job[PromoteSettings]) -> StepResult:
        seen = await self._observe(job)
        above = job.settings.upstream
        if seen.state.role == "primary":
            found: tuple[str, ...] = ()
        elif above is None:
            found = await local_faults(seen.server, job.settings)
        else:
            async with connected(above, job.secrets) as upstream:
                found = await faults(seen.server, upstream, job.settings, above)
        if seen.state.copying:
            found += (f"{seen.state.why_halted} What they lack would be lost.",)
        found += await why_unable(seen.server, job.settings)
        reason = " ".join(found) or self._settled(job, seen) or f"{self.uses} could be done now."
        return StepResult(changed=False, proved=not found, reason=reason, before=seen.evidence())


def _why_not(server: Server, state: LogicalState) -> str | None:
    """The sentence why it can be no primary as things are, or None."""
    if state.missing:
        return f"{server.where} has no role {named(state.missing)}: applications could not log in. Create it there."
    if state.able and state.follows:
        return f"{server.where} follows, and yet {named(state.able)} can log in and write: fence it, then reseed it."
    if state.role == "primary" and not state.able:
        return f"{server.where} follows nobody, and its writers were shut out: it is a former primary; reseed it."
    return None


async def _let_go(job: Job[PromoteSettings], server: Server, now: LogicalState, upstream: Upstream) -> list[str]:
    """Everything between the last look at the upstream and the first login. Raises StepError."""
    shapes = (await read_shapes(server, job.settings)).values()
    done = []
    await keep_note(server, job.call, now.note.model_copy(update={"promoting": job.call.epoch}))
    try:
        await publish(server, job.settings, now, shapes)
    except StepError as error:
        if error.kind not in (ErrorType.DENIED, ErrorType.WRONG_STATE):
            raise
        # Nobody can follow it for now; that is no reason to take no writes.
        done.append(f"its publication {job.settings.publication} could not be made ({error.sentence.rstrip('.')})")
    if now.follows:
        async with at_once(server):
            await unsubscribe(server, job.settings)
        done.append("its subscription was dropped")
    await nothing_applies(server, job.allowed)
    done.append(await _set_sequences(job, server, shapes, upstream))
    return done


async def _turn_round(job: Job[PromoteSettings], server: Server, note: Note, upstream: Upstream) -> Note:
    """From here on keep the log for the former primary, which has the same rows now: it need not be copied anew."""
    above = job.settings.upstream
    nobody = note.model_copy(update={"equal": None, "equal_by": None})
    if above is None or not upstream.equal:
        return nobody
    try:
        await make_slot(server, above.subscription, job.allowed)
    except StepError:
        return nobody  # whatever it was: then it is copied anew
    return note.model_copy(update={"equal": identity(above), "equal_by": job.call.epoch})


async def _set_sequences(
    job: Job[PromoteSettings], server: Server, shapes: Collection[Shape], upstream: Upstream
) -> str:
    copied = {one.title for one in shapes if one.subscribed or one.published or one.by_root}
    # A partition's sequence is its root's, and a publication that could not be made leaves no list behind.
    tables = copied | {one.title for one in shapes if not one.holds_rows or not copied}
    moved, odd = 0, []
    for one in await read_sequences(server, tables):
        floor = upstream.sequences.get(one.title)
        moved += await set_beyond(server, one, floor, job.settings.sequence_margin, job.allowed)
        if floor is None and not one.counts:
            odd.append(one.title)
    left = f", but {named(tuple(odd))} feeds no number: look at it" if odd else ""
    return f"{moved} sequences were set beyond what rows have{left}"
