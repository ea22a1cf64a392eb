"""How a PostgreSQL server stands, read in one query: for `detect`, and before and after `fence` and `promote`."""

from activities.clients.postgres import Server
from activities.clients.postgres_epoch import kept_epoch
from runbooks.facts import DataValues

_STATE = """
WITH receiver AS (SELECT status, received_tli, latest_end_lsn FROM pg_stat_wal_receiver),
     here AS (SELECT pg_is_in_recovery() AS standby,
                     CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS lsn)
SELECT CASE WHEN standby THEN 'standby' ELSE 'primary' END AS role,
       CASE WHEN standby
            THEN coalesce((SELECT received_tli FROM receiver), (SELECT timeline_id FROM pg_control_checkpoint()))
            -- not the last checkpoint's: just after a promotion that is still the old timeline
            ELSE ('x' || substr(pg_walfile_name(lsn), 1, 8))::bit(32)::int END AS timeline,
       -- what has been received is not lost, replayed or not: the standby with the most of it must be found
       coalesce(greatest(lsn, CASE WHEN standby THEN pg_last_wal_receive_lsn() END) - '0/0', 0)::bigint AS position,
       standby AND coalesce((SELECT status = 'streaming' FROM receiver), false) AS streaming,
       CASE WHEN standby THEN (SELECT greatest(latest_end_lsn - lsn, 0)::bigint FROM receiver) END AS lag_bytes,
       CASE WHEN NOT standby THEN NULL
            -- an idle primary sends nothing: the age of the last transaction is then no lag
            WHEN pg_last_wal_receive_lsn() = lsn AND (SELECT status = 'streaming' FROM receiver) THEN 0
            ELSE extract(epoch FROM greatest(now() - pg_last_xact_replay_timestamp(), interval '0')) END::float8
           AS lag_seconds,
       extract(epoch FROM pg_last_xact_replay_timestamp())::float8 AS last_commit_at,
       current_setting('default_transaction_read_only')::bool AS read_only,
       -- ids are given to what writes, and never again
       pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS transactions,
       NOT standby AND current_setting('synchronous_standby_names') <> '' AS synchronous,
       CASE WHEN standby THEN '{}'::json ELSE
           (SELECT coalesce(json_object_agg(application_name, json_build_object(
                'state', state, 'sync_state', sync_state,
                'lag_bytes', coalesce(greatest(lsn - replay_lsn, 0), lsn - '0/0')::bigint)), '{}'::json)
            FROM pg_stat_replication
            WHERE application_name <> 'pg_basebackup'  -- a copy that is being taken follows only until it is taken
           ) END AS standbys
FROM here
"""


async def read_state(server: Server, runbook: str | None = None) -> DataValues:
    """Role, position, lag and standbys; and the newest decision that was kept for the runbook. Raises StepError."""
    values = DataValues.model_validate(await server.row(_STATE))
    epoch = await kept_epoch(server, runbook) if runbook else None
    return values.model_copy(update={"epoch": epoch})


def described(values: DataValues) -> str:
    """One sentence for people."""
    if values.role == "primary":
        standbys = f"{len(values.standbys)} standbys" if len(values.standbys) != 1 else "1 standby"
        mode = ", read-only" if values.read_only else ""
        return f"It is primary on timeline {values.timeline} with {standbys}{mode}."
    if not values.streaming:
        return f"It is a standby on timeline {values.timeline} that receives nothing."
    return f"It is a streaming standby on timeline {values.timeline}, {values.lag_bytes or 0} bytes behind."
