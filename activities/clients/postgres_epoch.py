"""The newest decision of a runbook, kept in its database: `evac.epoch`, one row a runbook, replicated with the rest.

So a standby that is promoted knows what its primary was told, and refuses an older decision.
"""

from activities.clients.postgres import Server
from activities.errors import StepError
from runbooks.steps import ErrorType, StepCall

_READABLE = """
SELECT coalesce(has_schema_privilege(to_regnamespace('evac'), 'USAGE')
                AND has_table_privilege(to_regclass('evac.epoch'), 'SELECT'), false) AS readable
"""
_READ = "SELECT epoch FROM evac.epoch WHERE runbook = %(runbook)s"
_MAKE = """
DO $$ BEGIN
    PERFORM pg_catalog.pg_advisory_xact_lock(1163280720);  -- whoever else makes something in this schema takes it, too
    CREATE SCHEMA IF NOT EXISTS evac;
    CREATE TABLE IF NOT EXISTS evac.epoch (
        runbook text PRIMARY KEY, epoch bigint NOT NULL, run text NOT NULL, at timestamptz NOT NULL DEFAULT now()
    );
END $$
"""
_KEEP = """
INSERT INTO evac.epoch (runbook, epoch, run) VALUES (%(runbook)s, %(epoch)s, %(run)s)
ON CONFLICT (runbook) DO UPDATE SET epoch = excluded.epoch, run = excluded.run, at = excluded.at
WHERE evac.epoch.epoch < excluded.epoch
RETURNING epoch
"""


async def kept_epoch(server: Server, runbook: str) -> int | None:
    """The newest decision that the database has kept; None when there is none, or it cannot be read."""
    if not (await server.row(_READABLE))["readable"]:
        return None
    rows = await server.rows(_READ, {"runbook": runbook})
    return int(rows[0]["epoch"]) if rows else None


def refuse_stale(where: str, kept: int | None, call: StepCall) -> None:
    """Raises StepError when the call's decision is older than the one that was kept."""
    if kept is not None and kept > call.epoch:
        raise StepError(
            ErrorType.STALE_EPOCH,
            f"The database at {where} has kept decision {kept} of {call.runbook}, and this is {call.epoch}: "
            "this run is out of date.",
            {"kept": kept},
        )


async def keep_epoch(server: Server, call: StepCall) -> bool:
    """Keep the call's decision, compare-and-set; False when the user may not. Raises StepError for a stale one.

    No standby is waited for: one may be gone. The session is read-write and local afterwards.
    """
    await server.rows("SET synchronous_commit = local")
    await server.rows("SET default_transaction_read_only = off")
    kept = await kept_epoch(server, call.runbook)
    refuse_stale(server.where, kept, call)
    if kept == call.epoch:
        return True
    try:
        if kept is None:
            await server.rows(_MAKE)
        if not await server.rows(_KEEP, {"runbook": call.runbook, "epoch": call.epoch, "run": call.run}):
            refuse_stale(server.where, await kept_epoch(server, call.runbook), call)
    except StepError as error:
        if error.kind is ErrorType.DENIED:
            return False
        raise
    return True
