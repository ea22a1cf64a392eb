"""`verify.sql`: a row can be written, committed, and read back on a new connection."""

from activities.clients.postgres import Row, Server, connected
from activities.contract import Job
from activities.errors import StepError
from activities.observing import Sight, Verifier
from runbooks.postgres_server import PostgresServer
from runbooks.steps import ErrorType, StepResult

_READY = """
SELECT pg_is_in_recovery() AS standby,
       current_setting('default_transaction_read_only')::bool AS read_only,
       to_regclass('evac.probe') IS NOT NULL AS made,
       EXISTS (SELECT FROM pg_publication WHERE puballtables)
           AND EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass('evac.probe') AND c.relpersistence = 'p'
                       AND NOT EXISTS (SELECT FROM pg_publication_rel WHERE prrelid = c.oid)) AS followed
"""
# Whoever follows a publication of all tables has no such table, and would stop at its first row; an unlogged one is in
# no publication.
_MAKE = """
DO $$ DECLARE kept text := CASE WHEN EXISTS (SELECT FROM pg_publication WHERE puballtables) THEN 'UNLOGGED' ELSE '' END;
BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(1163280720);  -- two verifications at once would both try to make it
    CREATE SCHEMA IF NOT EXISTS evac;
    EXECUTE 'CREATE ' || kept || ' TABLE IF NOT EXISTS evac.probe (
        run text NOT NULL, step text NOT NULL, confirmed bool NOT NULL DEFAULT false,
        at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (run, step))';
END $$
"""
_HIDE = "ALTER TABLE evac.probe SET UNLOGGED"
_READ = "SELECT confirmed, at::text FROM evac.probe WHERE run = %(run)s AND step = %(step)s"
_WRITE = "INSERT INTO evac.probe (run, step) VALUES (%(run)s, %(step)s) ON CONFLICT DO NOTHING"
_CONFIRM = "UPDATE evac.probe SET confirmed = true WHERE run = %(run)s AND step = %(step)s AND NOT confirmed"
_RELEASE = """
SELECT count(pg_cancel_backend(pid))::int AS stuck FROM pg_stat_activity
WHERE wait_event = 'SyncRep' AND application_name = 'evac' AND usename = current_user
"""


class VerifySql(Verifier[PostgresServer]):
    """Writes one row a step in `evac.probe`.

    A commit that waits for a lost standby ends, when it is given up, in a row that is there all the same. So
    the row counts only when it is `confirmed` by a second commit, made after the first one came back.
    """

    uses = "verify.sql"
    permissions = ("CREATE on the database (schema evac)", "pg_read_all_stats: pg_stat_activity", "pg_signal_backend")
    Settings = PostgresServer

    async def _look(self, job: Job[PostgresServer]) -> Sight:
        where = job.settings.where
        async with connected(job.settings, job.secrets) as server:
            ready = await server.row(_READY)
            if why_not := _why_not(ready, where):
                return Sight(good=False, reason=why_not)
            key: dict[str, object] = {"run": job.call.run, "step": job.call.step}
            written = await server.rows(_READ, key) if ready["made"] else []
            if not (written and written[0]["confirmed"]):
                await _commit(job, server, key, ready)
        async with connected(job.settings, job.secrets) as server:
            rows = await server.rows(_READ, key)
        good = bool(rows) and rows[0]["confirmed"]
        reason = "and read back on a new connection." if good else "but a new connection does not see it."
        return Sight(good=good, reason=f"A row was committed at {where} {reason}", values={"written_at": rows[0]["at"]})

    async def _check(self, job: Job[PostgresServer]) -> StepResult:
        """Reads only: a row written on a schedule would prove more, and fill the database."""
        async with connected(job.settings, job.secrets) as server:
            why_not = _why_not(await server.row(_READY), server.where)
        return StepResult(changed=False, proved=why_not is None, reason=why_not or f"{server.where} takes writes.")


def _why_not(ready: Row, where: str) -> str | None:
    if not (ready["standby"] or ready["read_only"]):
        return None
    state = "in recovery" if ready["standby"] else "read-only by default"
    return f"PostgreSQL at {where} is {state}: it takes no writes."


async def _commit(job: Job[PostgresServer], server: Server, key: dict[str, object], ready: Row) -> None:
    try:
        if not ready["made"]:
            await server.rows(_MAKE)
        elif ready["followed"]:
            await server.rows(_HIDE)
        await server.rows(_WRITE, key)
        await server.rows(_CONFIRM, key)
    except StepError as error:
        if error.kind is ErrorType.UNREACHABLE and await _release(job):
            raise StepError(
                ErrorType.NOT_YET,
                f"A commit at {server.where} waits for a synchronous standby that is not there: "
                "clear synchronous_standby_names, or bring the standby back.",
            ) from None
        raise


async def _release(job: Job[PostgresServer]) -> bool:
    """Free our own session if it hangs in a commit (it would hang for ever). Was that it?"""
    async with connected(job.settings, job.secrets) as server:
        return bool((await server.row(_RELEASE))["stuck"])
