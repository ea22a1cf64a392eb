"""The tables of a PostgreSQL database as values that two servers can be compared by: digests, keys and rows.

A digest does not depend on the order of rows: it is the count and two sums of 64-bit hashes of each row's text. That
text is the same on both servers, since each session sets everything that it could depend on.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from psycopg import sql

from activities.clients.postgres import Server, connected
from activities.secrets import Secrets
from runbooks.postgres_server import PostgresServer
from runbooks.values import Model

_TABLES = """
SELECT n.nspname::text AS schema, c.relname::text AS name,
       coalesce((SELECT array_agg(a.attname::text ORDER BY k.n)
                 FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attnum, n), pg_attribute a
                 WHERE i.indrelid = c.oid AND i.indisprimary AND k.n <= i.indnkeyatts
                   AND a.attrelid = c.oid AND a.attnum = k.attnum), '{}') AS key,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence = 'p'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 1, 2
"""
_SESSION = (
    "SELECT set_config(name, setting, false) FROM (VALUES ('DateStyle', 'ISO'), ('IntervalStyle', 'postgres'),"
    " ('TimeZone', 'UTC'), ('bytea_output', 'hex'), ('extra_float_digits', '1'), ('lc_monetary', 'C'),"
    " ('xmlbinary', 'base64'), ('search_path', 'pg_catalog'), ('statement_timeout', %(limit)s)) AS v(name, setting)"
)


class Table(Model):
    """One ordinary table; `key` is its primary key, `columns` are those that can be inserted."""

    schema_: str
    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.schema_}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        """For queries."""
        return sql.Identifier(self.schema_, self.name)

    @property
    def source(self) -> sql.Composed:
        """What to select from: `evac_row`. Its children are tables of their own."""
        return sql.SQL("ONLY {} AS evac_row").format(self.identifier)

    @property
    def row_text(self) -> sql.Composable:
        """A row's values as text, in the order that this very server has: the other one may have another."""
        columns = sql.SQL(", ").join(sql.Identifier("evac_row", column) for column in self.columns)
        return sql.SQL("ROW({})::text").format(columns)

    @property
    def key_text(self) -> sql.Composable:
        """A row's key as text; the whole row where there is no primary key."""
        if not self.key:
            return self.row_text
        columns = sql.SQL(", ").join(sql.Identifier("evac_row", column) for column in self.key)
        return sql.SQL("jsonb_build_array({})::text").format(columns)


class Digest(Model):
    """All rows of a table, in any order."""

    rows: int
    sums: tuple[str, str]


@asynccontextmanager
async def session(settings: PostgresServer, secrets: Secrets, within: float) -> AsyncIterator[Server]:
    """A connection in which every value's text is the same on every server. Raises StepError."""
    async with connected(settings, secrets) as server:
        await server.rows(_SESSION, {"limit": f"{int(within * 1000)}ms"})
        yield server


async def snapshot(server: Server) -> None:
    """From here on the session sees the database as it is now. Raises StepError."""
    await server.rows("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    await server.rows("SELECT pg_current_snapshot()")


async def tables(server: Server, without: Sequence[str] = ()) -> tuple[Table, ...]:
    """Every permanent table, partitions one by one, by name. Raises StepError."""
    rows = await server.rows(_TABLES)
    found = (Table(schema_=row["schema"], **{k: v for k, v in row.items() if k != "schema"}) for row in rows)
    return tuple(table for table in found if table.schema_ not in without)


async def digest(server: Server, table: Table, within: float) -> Digest:
    """Of all rows that the session sees. Raises StepError."""
    query = sql.SQL(
        "SELECT count(*) AS rows, coalesce(sum(hashtextextended({row}, 0)), 0)::text AS a,"
        " coalesce(sum(hashtextextended({row}, 1)), 0)::text AS b FROM {source}"
    )
    found = await server.row(query.format(row=table.row_text, source=table.source), within=within)
    return Digest(rows=found["rows"], sums=(found["a"], found["b"]))
