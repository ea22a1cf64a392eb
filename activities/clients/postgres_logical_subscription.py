"""What makes a database a subscriber, and what makes it none: publication, subscription, and their processes."""

from collections.abc import Collection

from psycopg import sql
from psycopg.conninfo import make_conninfo

from activities.clients.postgres import Server
from activities.clients.postgres_logical import LogicalState
from activities.clients.postgres_logical_pair import FollowerSettings
from activities.clients.postgres_logical_shape import Shape
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.secrets import Secrets
from runbooks.postgres_logical import PostgresLogicalSettings
from runbooks.steps import ErrorType

_EVERY = 0.02
_CONNECT_SECONDS = 10
_KNOWS_ORIGIN = 160000
"""The version from which on a subscription can be told to take only what was written at its upstream itself."""

_LEFT_OVER = """
SELECT count(*)::int AS workers FROM pg_stat_activity
WHERE datname = current_database() AND backend_type LIKE 'logical replication%worker'
  AND pid NOT IN (SELECT pid FROM pg_stat_subscription WHERE pid IS NOT NULL)
"""


async def publish(
    server: Server, settings: PostgresLogicalSettings, state: LogicalState, shapes: Collection[Shape]
) -> None:
    """Offer the tables that are copied here, so that others can follow. Raises StepError."""
    missing = [one.identifier for one in shapes if one.subscribed and not (one.published or one.by_root)]
    tables = sql.SQL(", ").join(missing)
    name = sql.Identifier(settings.publication)
    if state.published:
        if missing:
            await server.rows(sql.SQL("ALTER PUBLICATION {} ADD TABLE {}").format(name, tables))
    else:
        what = sql.SQL(" FOR TABLE {}").format(tables) if missing else sql.SQL("")
        await server.rows(sql.SQL("CREATE PUBLICATION {}{}").format(name, what))


async def unsubscribe(server: Server, settings: PostgresLogicalSettings) -> None:
    """Follow nobody; within `at_once`. Its upstream, which may be dead, is not asked: the slot stays there.

    Raises StepError.
    """
    name = sql.Identifier(settings.subscription)
    await server.rows(sql.SQL("ALTER SUBSCRIPTION {} DISABLE").format(name))
    await server.rows(sql.SQL("ALTER SUBSCRIPTION {} SET (slot_name = NONE)").format(name))
    await server.rows(sql.SQL("DROP SUBSCRIPTION {}").format(name))


async def nothing_applies(server: Server, within: float) -> None:
    """Wait until no process is left that could apply a change. Raises StepError."""

    async def look() -> int:
        return int((await server.row(_LEFT_OVER))["workers"])

    left, ended = await poll(look, lambda workers: workers == 0, every=_EVERY, within=within)
    if not ended:
        sentence = f"{left} processes of a subscription that was dropped are still at work at {server.where}."
        raise StepError(ErrorType.NOT_YET, sentence)


async def subscribe(job: Job[FollowerSettings], server: Server, version: int, *, copy: bool) -> None:
    """Follow the upstream, with a copy of what it has, or from its slot on; `version` is the server's own.

    Raises StepError.

    The statement holds the password: it is put together here, and nowhere else.
    """
    settings, above = job.settings, job.settings.upstream
    origin = sql.SQL(", origin = none" if version >= _KNOWS_ORIGIN else "")
    new = sql.SQL("copy_data = true" if copy else "copy_data = false, create_slot = false")
    query = sql.SQL("CREATE SUBSCRIPTION {} CONNECTION {} PUBLICATION {} WITH (slot_name = {}, {}{})")
    name, way = sql.Identifier(settings.subscription), sql.Literal(_way_to(above, job.secrets))
    slot = sql.Literal(settings.subscription)
    given = query.format(name, way, sql.Identifier(above.publication), slot, new, origin)
    await server.rows(given, within=job.allowed)


def _way_to(above: PostgresLogicalSettings, secrets: Secrets) -> str:
    """How the server itself reaches its upstream."""
    own = above.replication_user is None
    return make_conninfo(
        host=above.replication_host or above.host,
        port=above.replication_port or above.port,
        dbname=above.dbname,
        user=above.user if own else above.replication_user,
        password=secrets.reveal(above.password if own else above.replication_password),
        sslmode=above.replication_sslmode,
        connect_timeout=_CONNECT_SECONDS,
    )
