"""How far a standby is behind its upstream, to the byte, from both ends."""

from activities.acting import View
from activities.clients.postgres import Server
from activities.errors import StepError
from runbooks.steps import ErrorType

_UPSTREAM = """
SELECT pg_is_in_recovery() AS standby,
       current_setting('default_transaction_read_only')::bool AS read_only,
       CASE WHEN NOT pg_is_in_recovery() THEN (pg_current_wal_insert_lsn() - '0/0')::bigint END AS position,
       CASE WHEN NOT pg_is_in_recovery()
            THEN ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END AS timeline
"""
_STANDBY = """
SELECT pg_is_in_recovery() AS standby,
       (pg_last_wal_replay_lsn() - '0/0')::bigint AS replayed,
       (SELECT status = 'streaming' FROM pg_stat_wal_receiver) IS TRUE AS streaming,
       coalesce((SELECT received_tli FROM pg_stat_wal_receiver),
                (SELECT timeline_id FROM pg_control_checkpoint())) AS timeline
"""
_PAGE, _PAGE_HEADER = 8192, 24
_SEGMENT, _SEGMENT_HEADER = 16 * 1024 * 1024, 40


class UpstreamEnd(View):
    """How far a primary has written."""

    standby: bool
    read_only: bool
    position: int | None
    timeline: int | None


class StandbyEnd(View):
    """How far a standby has replayed."""

    standby: bool
    replayed: int | None
    streaming: bool
    timeline: int


async def read_upstream(server: Server) -> tuple[int, UpstreamEnd]:
    """The position behind its last record, unflushed commits included. Raises StepError when it is no primary."""
    end = UpstreamEnd.model_validate(await server.row(_UPSTREAM))
    if end.standby or end.position is None:
        raise StepError(
            ErrorType.WRONG_STATE, f"The upstream {server.where} is a standby itself: nothing begins there."
        )
    return end_of_record(end.position), end


async def read_standby(server: Server) -> StandbyEnd:
    """What it has. Raises StepError when it is no standby."""
    end = StandbyEnd.model_validate(await server.row(_STANDBY))
    if not end.standby:
        raise StepError(ErrorType.WRONG_STATE, f"{server.where} is a primary: it follows nobody.")
    return end


def end_of_record(position: int) -> int:
    """Where the last record ends, given where the next one would begin: at the start of a page a header lies between.

    A standby that has replayed everything stands at the former, and would never reach the latter.
    """
    if position % _SEGMENT == _SEGMENT_HEADER:
        return position - _SEGMENT_HEADER
    return position - _PAGE_HEADER if position % _PAGE == _PAGE_HEADER else position


def lsn(position: int) -> str:
    """A position as PostgreSQL writes it."""
    return f"{position >> 32:X}/{position & 0xFFFFFFFF:X}"
