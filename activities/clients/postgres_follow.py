"""How far a standby is behind its upstream, to the byte, from both ends."""

from activities.acting import View
from activities.clients.postgres import Server, connected
from activities.errors import StepError
from activities.lifeline import poll
from activities.secrets import Secrets
from runbooks.kinds import PostgresSettings
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
_EVERY = 0.002
_REPLAY_SECONDS = 5.0

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


async def has_everything(standby: Server, settings: PostgresSettings, secrets: Secrets) -> str:
    """The sentence how it is known. Raises StepError when the upstream takes writes, or has what the standby lacks.

    An upstream that has gone away meanwhile was fenced, and waited for, by the steps before this one.
    """
    where = f"{settings.host}:{settings.port}"
    try:
        async with connected(settings, secrets) as upstream:
            position = await _last_words(upstream)
    except StepError as error:
        if error.kind is not ErrorType.UNREACHABLE:
            raise
        return f"{where} does not answer any more, after it was fenced and everything was copied"
    if position is None:
        return f"{where} is a standby"

    async def look() -> int:
        return (await read_standby(standby)).replayed or 0

    replayed, reached = await poll(look, lambda at: at >= position, every=_EVERY, within=_REPLAY_SECONDS)
    if not reached:
        sentence = (
            f"{standby.where} has replayed {lsn(replayed)}, and {where} stands at {lsn(position)}: it would be lost."
        )
        raise StepError(ErrorType.NOT_YET, sentence)
    return f"everything of {where} was replayed, up to {lsn(position)}"


async def _last_words(upstream: Server) -> int | None:
    """Where a fenced primary's log ends; None for a standby. Raises StepError for one that takes writes."""
    end = UpstreamEnd.model_validate(await upstream.row(_UPSTREAM))
    if end.standby:
        return None
    if not end.read_only:
        sentence = f"The primary {upstream.where} still takes writes: fence it before another one is promoted."
        raise StepError(ErrorType.WRONG_STATE, sentence, end.evidence())
    return await mark(upstream)


def lsn(position: int) -> str:
    """A position as PostgreSQL writes it."""
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"
