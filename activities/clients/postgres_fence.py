"""The fence that PostgreSQL can put around itself.

`pg_hba.conf` is replaced by one that admits the administrator and replication only, new transactions are
read-only by default, and every other session is ended. All of it is in files: nothing is replicated to the
standby, and nothing waits for a synchronous standby that may be gone. Needs PostgreSQL 14 and a superuser.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from psycopg import sql

from activities.acting import SettledMeanwhile, View
from activities.clients.postgres import APPLICATION_NAME, Server
from activities.clients.postgres_epoch import kept_epoch, refuse_stale
from activities.clients.postgres_hba import BEFORE, HBA_RULES, HbaRule, fenced_rules, header
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType, StepCall

_LOCK = 0x45564143  # "EVAC": two fences at once take turns
_EVERY = 0.02
_WITHIN = 2.0
_LOOKS = 2
"""Looks in a row without a foreign session: one that was logging in during the reload shows up in the second."""

_ROLE = """
SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END AS role,
       current_setting('is_superuser')::bool AS superuser,
       current_setting('default_transaction_read_only')::bool AS read_only
"""
_FILE = """
WITH hba AS (SELECT pg_read_file(current_setting('hba_file')) AS text),
     mark AS (SELECT regexp_match(text, '^# Fenced by Evac at ([^,]+), epoch ([0-9]+)') AS found FROM hba)
SELECT found IS NOT NULL AS marked,
       (found)[2]::bigint AS epoch,
       -- in a new session this is when the process that started it last read its files
       coalesce((found)[1]::timestamptz < pg_conf_load_time(), false) AS loaded,
       (SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL)::int AS faults,
       (SELECT coalesce(array_agg(pid), '{}') FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
          AND NOT coalesce(usename = current_user AND application_name = %(ours)s, false)
          -- no name yet: it is logging in, which matters only if it began under the old file
          AND (usename IS NOT NULL OR backend_start < pg_conf_load_time())) AS others
FROM mark
"""
_END = "SELECT count(pg_terminate_backend(pid))::int AS ended FROM unnest(%(others)s::int[]) AS pid"
_OURS: dict[str, object] = {"ours": APPLICATION_NAME}


class FenceState(View):
    """How far a server is fenced, as a new session sees it."""

    role: str
    superuser: bool
    read_only: bool
    marked: bool = False
    epoch: int | None = None
    """The decision by which it was fenced."""
    kept: int | None = None
    """The newest decision that its database has kept."""
    loaded: bool = False
    """The fenced pg_hba.conf is not only written but in force."""
    faults: int = 0
    others: tuple[int, ...] = ()
    """Process ids of the sessions that are neither Evac's nor replication."""

    @property
    def able(self) -> bool:
        """Only a superuser can fence it by SQL."""
        return self.superuser

    @property
    def in_force(self) -> bool:
        """Nobody else can log in any more."""
        return self.marked and self.loaded and self.read_only and not self.faults

    def keeps(self, epoch: int) -> bool:
        """A standby that gets the database's decisions has no fence to lift."""
        return self.role == "standby" or epoch == (self.epoch if self.kept is None else self.kept)

    @property
    def why_fenced(self) -> str | None:
        """The sentence why it can take no writes of the application, or None."""
        if self.role == "standby":
            return "It is a standby, which takes no writes: there is nothing to fence."
        if self.in_force and not self.others:
            return "It is fenced already: only the administrator and replication are admitted, and nobody else is on."
        return None


async def read_fence(server: Server) -> FenceState:
    """Look; `server` must be a new connection. Raises StepError."""
    role = await server.row(_ROLE)
    if role["role"] == "standby" or not role["superuser"]:
        return FenceState.model_validate(role)
    return FenceState.model_validate({**role, **await server.row(_FILE, _OURS)})


async def write_fence(connect: Callable[[], AbstractAsyncContextManager[Server]], epoch: int) -> str:
    """Fence it, prove it, and say so. Raises StepError, or SettledMeanwhile."""
    async with connect() as server:
        await server.rows("SELECT pg_advisory_lock(%(lock)s)", {"lock": _LOCK})
        async with connect() as fresh:
            now = await read_fence(fresh)
        if now.why_fenced:
            raise SettledMeanwhile(now.why_fenced)
        if not now.marked:
            await _replace_hba(server, epoch)
        await server.rows("ALTER SYSTEM SET default_transaction_read_only = on")
        await server.rows("SELECT pg_reload_conf()")
        state, ended = await _prove(connect)
    if state.why_fenced is None:
        raise StepError(
            ErrorType.NOT_YET,
            f"{server.where} was told to fence itself, but {_missing(state)}: it will be tried again.",
            state.evidence(),
        )
    return f"It is fenced: {ended} sessions were ended, and only the administrator and replication are admitted."


async def lift_fence(
    connect: Callable[[], AbstractAsyncContextManager[Server]], call: StepCall, *, read_only: bool
) -> None:
    """Bring back the pg_hba.conf from before, and prove that it is in force. Raises StepError, for a stale call too."""
    async with connect() as server:
        await server.rows("SELECT pg_advisory_lock(%(lock)s)", {"lock": _LOCK})
        # A newer run keeps its decision before it waits for this lock to look whether the fence stands.
        refuse_stale(server.where, await kept_epoch(server, call.runbook), call)
        path = (await server.row("SELECT current_setting('hba_file') AS path"))["path"]
        before = sql.SQL("pg_read_file({})").format(sql.Literal(f"{path}{BEFORE}"))
        await _write_file(server, path, before)
        if not read_only:
            await server.rows("ALTER SYSTEM RESET default_transaction_read_only")
        at = (await server.row("SELECT clock_timestamp() AS at"))["at"]
        await server.rows("SELECT pg_reload_conf()")

        async def look() -> bool:
            async with connect() as fresh:
                state = await read_fence(fresh)
                loaded = await fresh.row("SELECT pg_conf_load_time() >= %(at)s AS loaded", {"at": at})
            return bool(loaded["loaded"]) and not state.marked and state.read_only == read_only

        _, lifted = await poll(look, bool, every=_EVERY, within=_WITHIN)
    if not lifted:
        raise StepError(ErrorType.NOT_YET, f"{server.where} was told to lift its fence, and it is not lifted yet.")


async def _replace_hba(server: Server, epoch: int) -> None:
    user = await server.row("SELECT current_user AS name, current_setting('hba_file') AS path, clock_timestamp() AS at")
    rules = [HbaRule.model_validate(row) for row in await server.rows(HBA_RULES)]
    lines = [
        header(user["at"].isoformat(), epoch, user["path"]),
        *fenced_rules(rules, user["name"]),
    ]
    await _write_file(server, f"{user['path']}{BEFORE}", sql.SQL("pg_read_file(current_setting('hba_file'))"))
    await _write_file(server, user["path"], sql.Literal("\n".join(lines)))


async def _write_file(server: Server, path: str, text: sql.Composable) -> None:
    """Write a file of the server as it is: CSV without any delimiter or quote that could occur, line by line."""
    query = sql.SQL(
        "COPY (SELECT nullif(line, '') FROM string_to_table(regexp_replace({text}, '\\n$', ''), E'\\n')"
        " WITH ORDINALITY AS t(line, n) ORDER BY n)"
        " TO {path} (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01', ESCAPE E'\\x01')"
    )
    await server.rows(query.format(text=text, path=sql.Literal(path)))


async def _prove(connect: Callable[[], AbstractAsyncContextManager[Server]]) -> tuple[FenceState, int]:
    """End the other sessions as soon as no new ones can come. New connections each time: see `FenceState.loaded`."""
    ended = quiet = 0

    async def look() -> FenceState:
        nonlocal ended, quiet
        async with connect() as server:
            state = await read_fence(server)
            if state.in_force and state.others:
                ended += (await server.row(_END, {"others": list(state.others)}))["ended"]
        quiet = quiet + 1 if state.why_fenced else 0
        return state

    state, _ = await poll(look, lambda _: quiet >= _LOOKS, every=_EVERY, within=_WITHIN)
    return state, ended


def _missing(state: FenceState) -> str:
    if state.faults:
        return f"its pg_hba.conf has {state.faults} faulty lines"
    if not state.in_force:
        return "the new pg_hba.conf is not in force yet"
    return f"{len(state.others)} other sessions are still there"
