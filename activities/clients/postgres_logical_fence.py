"""The fence that an administrator can put up by SQL alone: the writers' roles lose LOGIN, and their sessions end.

It holds for whoever has no other role to write with. So every other role that can log in and may change a copied table
is found, by whatever membership; and prepared transactions, which anybody's commit would bring back after the fence.
"""

from psycopg import sql

from activities.acting import View
from activities.clients.postgres import Server
from activities.clients.postgres_logical import LogicalState, named, read_logical
from activities.clients.postgres_logical_note import at_once, deciding, keep_note
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.postgres_logical import PostgresLogicalSettings
from runbooks.steps import ErrorType, StepCall

_EVERY = 0.02
_WITHIN = 5.0
_LOOKS = 2
"""Looks in a row without a session: one that was logging in at the time shows up in the second."""

_OTHERS = """
WITH copied AS (
         SELECT c.oid FROM pg_publication_tables p JOIN pg_namespace n ON n.nspname = p.schemaname
                JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
         WHERE p.pubname = %(publication)s
         UNION SELECT srrelid FROM pg_subscription_rel),
     tables AS (
         SELECT oid FROM copied
         UNION SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE NOT EXISTS (SELECT FROM copied) AND c.relkind IN ('r', 'p')
           AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'evac')),
     able AS (
         SELECT r.oid FROM pg_roles r
         WHERE EXISTS (SELECT FROM tables t WHERE has_table_privilege(r.oid, t.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
                                               OR has_any_column_privilege(r.oid, t.oid, 'INSERT, UPDATE')))
SELECT ARRAY(SELECT l.rolname::text FROM pg_roles l
             WHERE l.rolcanlogin AND NOT l.rolsuper AND l.rolname <> current_user
               AND NOT l.rolname = ANY(%(writers)s::text[]) AND NOT l.rolname = ANY(%(admins)s::text[])
               AND has_database_privilege(l.oid, current_database(), 'CONNECT')
               -- a member can take on the role, whether it inherits its rights or not
               AND EXISTS (SELECT FROM able a WHERE pg_has_role(l.oid, a.oid, 'MEMBER')) ORDER BY 1) AS others,
       ARRAY(SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY 1) AS prepared
"""
_END = "SELECT count(pg_terminate_backend(pid))::int AS ended FROM unnest(%(pids)s::int[]) AS pid"


class FenceView(View):
    """How far a database is fenced. `others`: roles that can log in and write besides; `prepared`: transactions."""

    state: LogicalState
    others: tuple[str, ...] = ()
    prepared: tuple[str, ...] = ()

    @property
    def why_fenced(self) -> str | None:
        """The sentence why its writers can write no more, or None."""
        if not self.state.shut:
            return None
        if self.state.role == "standby":
            return f"It follows, and no writer can log in.{self.doubt}"
        return f"It is fenced: no writer can log in, and none is in.{self.doubt}"

    @property
    def proved(self) -> bool:
        """And nobody else can."""
        return self.state.shut and not self.others and not self.prepared

    @property
    def doubt(self) -> str:
        """Who may write all the same."""
        said = ""
        if self.others:
            said += f" But {named(self.others)} can log in and write all the same: name them as writers, or as admins."
        if self.prepared:
            said += f" But prepared transactions wait there ({named(self.prepared)}): commit them, or roll them back."
        return said


async def read_fence(server: Server, settings: PostgresLogicalSettings, runbook: str) -> FenceView:
    """Look. Raises StepError."""
    state = await read_logical(server, settings, runbook)
    asked: dict[str, object] = {
        "publication": settings.publication,
        "writers": list(settings.writers),
        "admins": list(settings.admins),
    }
    return FenceView.model_validate({"state": state, **await server.row(_OTHERS, asked)})


async def write_fence(server: Server, settings: PostgresLogicalSettings, call: StepCall) -> int:
    """Shut the writers out and end their sessions; how many were ended. Raises StepError."""
    async with deciding(server, call) as note:
        state = await read_logical(server, settings, call.runbook)
        took = {*(note.took if note.fenced == call.epoch else ()), *state.able}
        async with at_once(server):
            await let_log_in(server, state.able, allowed=False)
            await keep_note(server, call, note.model_copy(update={"fenced": call.epoch, "took": tuple(sorted(took))}))
        return await _end_sessions(server, settings, call)


async def lift_fence(server: Server, call: StepCall) -> tuple[str, ...]:
    """Let in again whom this decision has shut out; nobody, when it has not. Raises StepError."""
    async with deciding(server, call) as note:
        if note.fenced != call.epoch:
            return ()
        async with at_once(server):
            await let_log_in(server, note.took, allowed=True)
            await keep_note(server, call, note.model_copy(update={"fenced": None, "took": (), "lifted": call.epoch}))
        return note.took


async def let_log_in(server: Server, roles: tuple[str, ...], *, allowed: bool) -> None:
    """Roles belong to the whole server: it is so for all its databases. Raises StepError."""
    for role in roles:
        word = sql.SQL("LOGIN" if allowed else "NOLOGIN")
        await server.rows(sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(role), word))


async def _end_sessions(server: Server, settings: PostgresLogicalSettings, call: StepCall) -> int:
    ended = quiet = 0

    async def look() -> LogicalState:
        nonlocal ended, quiet
        state = await read_logical(server, settings, call.runbook)
        if state.sessions:
            ended += (await server.row(_END, {"pids": list(state.sessions)}))["ended"]
        quiet = quiet + 1 if state.shut else 0
        return state

    state, _ = await poll(look, lambda _: quiet >= _LOOKS, every=_EVERY, within=_WITHIN)
    if not state.shut:
        sentence = f"{server.where} was told to fence itself, but {len(state.sessions)} sessions of writers are there."
        raise StepError(ErrorType.NOT_YET, sentence, state.evidence())
    return ended
