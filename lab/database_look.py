"""How a database server stands, asked of itself as its administrator; one that does not answer is None."""

import asyncio

import psycopg
from psycopg.rows import dict_row

from lab.topology import ADMIN, Lab
from runbooks.values import Model, Port

_PATIENCE = 2.0

# The control file of a server that was promoted a moment ago still names the old timeline; its WAL does not.
_LOOK = """
SELECT pg_is_in_recovery() AS standby,
       current_setting('default_transaction_read_only')::bool AS read_only,
       CASE WHEN pg_is_in_recovery()
            THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver),
                          (SELECT timeline_id FROM pg_control_checkpoint()))
            ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END AS timeline,
       (SELECT sender_host FROM pg_stat_wal_receiver WHERE status = 'streaming') AS host,
       (SELECT sender_port FROM pg_stat_wal_receiver WHERE status = 'streaming') AS port
"""


class Upstream(Model):
    """The server that is to be followed."""

    host: str
    port: Port

    def dsn(self, lab: Lab) -> str:
        """How the administrator reaches it."""
        return (
            f"host={self.host} port={self.port} dbname=postgres user={ADMIN} password={lab.password(ADMIN)} "
            "connect_timeout=2"
        )


class Stand(Model):
    """A server's word about itself; `host` and `port` are those of the upstream that it streams from."""

    standby: bool
    read_only: bool
    timeline: int
    host: str | None = None
    port: int | None = None

    @property
    def writable(self) -> bool:
        """It takes writes of clients."""
        return not (self.standby or self.read_only)

    def follows(self, upstream: Upstream, timeline: int) -> bool:
        """It streams from that server, on that timeline."""
        return self.standby and (self.host, self.port, self.timeline) == (upstream.host, upstream.port, timeline)


async def look(dsn: str) -> Stand | None:
    """Ask the server once, within a bound."""
    try:
        async with (
            asyncio.timeout(_PATIENCE),
            await psycopg.AsyncConnection.connect(dsn, row_factory=dict_row) as connection,
        ):
            row = await (await connection.execute(_LOOK)).fetchone()
    except (psycopg.Error, TimeoutError):
        return None
    return Stand.model_validate(row)


async def tell(dsn: str, statement: bytes) -> None:
    """Have the server do something, in autocommit. Raises psycopg.Error."""
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.execute(statement)
