"""How a database of logical replication stands, read in one query: its writers, its subscription, its publication.

It is a standby when it follows, and its writers cannot log in. Everything else is a primary: one whose writers can log
in takes writes, whatever it follows; one that follows nobody is a former primary.
"""

from typing import Literal

from activities.acting import View
from activities.clients.postgres import Server
from activities.clients.postgres_logical_note import Note, read_note
from activities.errors import StepError
from runbooks.postgres_logical import PostgresLogicalSettings
from runbooks.steps import ErrorType

_STATE = """
SELECT current_setting('server_version_num')::int AS version, pg_is_in_recovery() AS recovering,
       current_setting('wal_level') AS wal_level,
       ARRAY(SELECT w FROM unnest(%(writers)s::text[]) AS w
             WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = w)) AS missing,
       ARRAY(SELECT rolname::text FROM pg_roles
             WHERE rolname = ANY(%(writers)s::text[]) AND rolcanlogin ORDER BY 1) AS able,
       ARRAY(SELECT pid FROM pg_stat_activity
             WHERE datname = current_database() AND usename = ANY(%(writers)s::text[])) AS sessions,
       EXISTS (SELECT FROM pg_publication WHERE pubname = %(publication)s) AS published,
       s.oid::bigint AS subscription, coalesce(s.subenabled, false) AS enabled, s.subslotname::text AS slot,
       coalesce((SELECT bool_or(pid IS NOT NULL) FROM pg_stat_subscription
                 WHERE subid = s.oid AND relid IS NULL), false) AS working,
       (SELECT (max(received_lsn) - '0/0')::bigint FROM pg_stat_subscription
        WHERE subid = s.oid AND relid IS NULL) AS received,
       (SELECT (max(latest_end_lsn) - '0/0')::bigint FROM pg_stat_subscription
        WHERE subid = s.oid AND relid IS NULL) AS told,
       (SELECT count(*) FROM pg_subscription_rel WHERE srsubid = s.oid)::int AS tables,
       ARRAY(SELECT srrelid::regclass::text FROM pg_subscription_rel
             WHERE srsubid = s.oid AND srsubstate <> 'r' ORDER BY 1) AS copying,
       has_function_privilege('pg_replication_origin_progress(text,boolean)', 'EXECUTE') AS tells_progress
FROM (VALUES (1)) AS one LEFT JOIN pg_subscription s ON s.subname = %(subscription)s
     AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_ERRORS = """
SELECT apply_error_count::int AS apply, sync_error_count::int AS sync FROM pg_stat_subscription_stats
WHERE subid = %(subscription)s::oid
"""
_APPLIED = """
SELECT (pg_replication_origin_progress('pg_' || %(subscription)s::text, false) - '0/0')::bigint AS position
FROM pg_replication_origin WHERE roname = 'pg_' || %(subscription)s::text
"""
_COUNTS_ERRORS = 150000
"""The version from which on a server counts what it could not apply."""
NAMED = 5


class LogicalState(View):
    """One database. `able`: the writers that can log in; `sessions`: process ids of theirs."""

    version: int
    recovering: bool
    wal_level: str
    missing: tuple[str, ...]
    """Writers that are no roles of this server."""
    able: tuple[str, ...]
    sessions: tuple[int, ...]
    published: bool
    subscription: int | None = None
    """The oid of its subscription; None: there is none."""
    enabled: bool = False
    slot: str | None = None
    """What it is called at the server that it follows."""
    working: bool = False
    """It is at work: the process that applies what is copied."""
    received: int | None = None
    told: int | None = None
    """How far its upstream has said to be."""
    applied: int | None = None
    """Up to where everything was applied; None where its user may not ask for that."""
    tables: int = 0
    copying: tuple[str, ...] = ()
    """The tables whose first copy is not done."""
    apply_errors: int = 0
    sync_errors: int = 0
    note: Note = Note()

    @property
    def follows(self) -> bool:
        """It has its subscription."""
        return self.subscription is not None

    @property
    def role(self) -> Literal["primary", "standby"]:
        """One that was left in the middle of a promotion is still a standby: it can be promoted."""
        return "standby" if not self.able and (self.follows or self.note.promoting is not None) else "primary"

    @property
    def shut(self) -> bool:
        """No writer can log in, and none is in."""
        return not self.able and not self.sessions

    @property
    def streaming(self) -> bool:
        """What is written at its upstream arrives, in every table."""
        return self.follows and self.enabled and self.working and self.received is not None and not self.copying

    @property
    def position(self) -> int:
        """How far it has got, as its upstream counts; 0 where nobody can tell.

        What was received may be just what cannot be applied: it counts as long as that never happened.
        """
        return max(0 if self.apply_errors else self.received or 0, self.applied or 0)

    @property
    def why_halted(self) -> str | None:
        """The sentence why nothing arrives, or None."""
        if not self.follows:
            return "It follows nobody."
        failures = self.apply_errors + self.sync_errors
        failed = f" So far {failures} attempts to apply a change failed: its log says why." if failures else ""
        if not self.enabled:
            return f"Its subscription is disabled.{failed}"
        if not self.working or self.received is None:
            return f"Its subscription receives nothing.{failed}"
        if self.copying:
            return f"{len(self.copying)} of {self.tables} tables are not copied yet: {named(self.copying)}.{failed}"
        return None


def named(names: tuple[str, ...]) -> str:
    """The first few, and how many more."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


async def read_logical(server: Server, settings: PostgresLogicalSettings, runbook: str) -> LogicalState:
    """Look. Raises StepError, also for a physical standby."""
    asked: dict[str, object] = {
        "writers": list(settings.writers),
        "publication": settings.publication,
        "subscription": settings.subscription,
    }
    row = await server.row(_STATE, asked)
    if row["recovering"]:
        sentence = f"{server.where} is a physical standby, which nobody can write to: name its primary's address."
        raise StepError(ErrorType.WRONG_STATE, sentence)
    if row["subscription"] is not None:
        its: dict[str, object] = {"subscription": row["subscription"]}
        if row["version"] >= _COUNTS_ERRORS:
            for found in await server.rows(_ERRORS, its):
                row |= {"apply_errors": found["apply"], "sync_errors": found["sync"]}
        if row["tells_progress"]:
            for found in await server.rows(_APPLIED, its):
                row["applied"] = found["position"]
    return LogicalState.model_validate({**row, "note": await read_note(server, runbook)})
