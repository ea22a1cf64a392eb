"""`reseed.postgres_logical`: a former primary, or a subscriber that is stuck, follows the new primary, with a new copy.

After a planned move both have the same rows, and its successor has kept the log for it since: it only goes on. Else
its tables are emptied, in one transaction with the note whom it is to follow, and PostgreSQL itself copies them anew.
What only this server has is then thrown away: `salvage` comes before. Its writers stay shut out.
"""

from activities.acting import Act
from activities.clients.postgres import Server, connected
from activities.clients.postgres_epoch import refuse_stale
from activities.clients.postgres_logical import named, read_logical
from activities.clients.postgres_logical_note import be_patient, deciding, keep_note
from activities.clients.postgres_logical_pair import FollowerSettings, identity
from activities.clients.postgres_logical_rejoin import Rejoining, go_on, rejoin
from activities.clients.postgres_logical_slots import read_slots
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType

_EVERY = 0.05


class ReseedPostgresLogical(Act[FollowerSettings, Rejoining]):
    """Refuses a database whose writers can log in, and an upstream that takes no writes or has kept a newer decision.

    In the end both say that it streams, with every table.
    """

    uses = "reseed.postgres_logical"
    permissions = (
        "pg_create_subscription (16 and later; before, what the cloud gives for it), CREATE on the database",
        "owner of the copied tables, or a member of their owners (TRUNCATE, applying changes)",
        "REPLICATION on both servers (drop slots that nobody uses)",
        "replication_user at the upstream: LOGIN, REPLICATION, SELECT on the published tables",
    )
    Settings = FollowerSettings

    async def _observe(self, job: Job[FollowerSettings]) -> Rejoining:
        upstream = await job.stack.enter_async_context(connected(job.settings.upstream, job.secrets))
        server = await job.stack.enter_async_context(connected(job.settings, job.secrets))
        return await _look(job, server, upstream)

    async def _observe_after(self, job: Job[FollowerSettings], seen: Rejoining) -> Rejoining:
        return await _look(job, seen.server, seen.upstream)

    def _settled(self, job: Job[FollowerSettings], seen: Rejoining) -> str | None:
        if not seen.streaming or not seen.sound(job.call.epoch) or seen.here.note.epoch != job.call.epoch:
            return None
        return f"It follows {seen.upstream.where} already, with {seen.here.tables} tables."

    async def _act(self, job: Job[FollowerSettings], seen: Rejoining) -> str:
        done = []
        async with deciding(seen.server, job.call):
            await be_patient(seen.server, job.allowed)
            now = await _look(job, seen.server, seen.upstream)
            if now.sound(job.call.epoch):
                note = now.here.note.model_copy(update={"follows": now.follows, "promoting": None})
                await keep_note(seen.server, job.call, note)
            elif await go_on(job, now):
                done.append("Nothing had to be copied: both had the same rows when it was left.")
            else:
                done.append(f"{await rejoin(job, now)} tables were emptied, and are copied anew.")
        done.append(await self._until_it_streams(job, seen))
        return " ".join(done)

    async def _until_it_streams(self, job: Job[FollowerSettings], seen: Rejoining) -> str:
        async def look() -> Rejoining:
            now = await _look(job, seen.server, seen.upstream)
            copied = now.here.tables - len(now.here.copying)
            job.progress.text = f"{copied} of {now.here.tables} tables are copied"
            return now

        now, streams = await poll(look, lambda now: now.streaming, every=_EVERY, within=job.allowed)
        if not streams:
            why = now.here.why_halted or f"{now.upstream.where} does not see it."
            raise StepError(ErrorType.NOT_YET, f"{seen.server.where} does not follow yet. {why}", now.evidence())
        return f"It follows {seen.upstream.where}, with {now.here.tables} tables."


async def _look(job: Job[FollowerSettings], server: Server, upstream: Server) -> Rejoining:
    settings, above = job.settings, job.settings.upstream
    there = await read_logical(upstream, above, job.call.runbook)
    here = await read_logical(server, settings, job.call.runbook)
    for where, state in ((upstream.where, there), (server.where, here)):
        refuse_stale(where, state.note.epoch, job.call)
    slot = (await read_slots(upstream)).get(here.slot or settings.subscription)
    seen = Rejoining(server, upstream, here, there, slot, identity(above))
    if there.follows or not there.able:
        sentence = f"The upstream {upstream.where} takes no writes: promote it first."
        raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
    if not here.shut:
        who = named(here.able) or f"{len(here.sessions)} sessions of writers"
        sentence = f"{server.where} may take writes ({who}): emptied, it would lose them. Fence it first."
        raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
    return seen
