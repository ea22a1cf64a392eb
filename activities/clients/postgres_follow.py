"""How far a standby is behind its upstream, to the byte, from both ends."""

from activities.acting import View
from activities.clients.postgres import Server
from activities.errors import StepError
from runbooks.steps import ErrorType

_UPSTREAM = """
SELECT pg_is_in_recovery() AS standby,
       current_setting('default_transaction_read_only')::bool AS read_only,
       CASE WHEN pg_is_in_recovery() THEN 0 ELSE (pg_current_wal_flush_lsn() - '0/0')::bigint END AS position,
       CASE WHEN pg_is_in_recovery() THEN 0
            ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END AS timeline
"""
_STANDBY = """
SELECT pg_is_in_recovery() AS standby,
       (pg_last_wal_replay_lsn() - '0/0')::bigint AS replayed,
       (SELECT status = 'streaming' FROM pg_stat_wal_receiver) IS TRUE AS streaming,
       coalesce((SELECT received_tli FROM pg_stat_wal_receiver),
                (SELECT timeline_id FROM pg_control_checkpoint())) AS timeline
"""
# What was inserted last may stay in memory for ever on an idle server (a hint that was logged, say): only a commit, or
# this, has it flushed, and so sent to the standbys.
_MARK = "SELECT (pg_logical_emit_message(true, 'evac', '') - '0/0')::bigint AS position"


class UpstreamEnd(View):
    """How far a primary has written."""

    standby: bool
    read_only: bool
    position: int = 0
    timeline: int = 0


class StandbyEnd(View):
    """How far a standby has replayed."""

    standby: bool
    replayed: int | None
    streaming: bool
    timeline: int


async def read_upstream(server: Server) -> UpstreamEnd:
    """How far it has flushed. Raises StepError when it is no primary."""
    end = UpstreamEnd.model_validate(await server.row(_UPSTREAM))
    if end.standby:
        raise StepError(
            ErrorType.WRONG_STATE, f"The upstream {server.where} is a standby itself: nothing begins there."
        )
    return end


async def mark(server: Server) -> int:
    """Write a mark into the primary's log, and flush it: every commit so far, flushed or not, lies before it.

    It is a record without any effect, also on a server that is fenced; no standby is waited for. Raises StepError.
    """
    await server.rows("SET synchronous_commit = local")
    await server.rows("SET default_transaction_read_only = off")
    return int((await server.row(_MARK))["position"])


async def read_standby(server: Server) -> StandbyEnd:
    """What it has. Raises StepError when it is no standby."""
    end = StandbyEnd.model_validate(await server.row(_STANDBY))
    if not end.standby:
        raise StepError(ErrorType.WRONG_STATE, f"{server.where} is a primary: it follows nobody.")
    return end


def lsn(position: int) -> str:
    """A position as PostgreSQL writes it."""
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"
