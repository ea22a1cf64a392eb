"""The tables of both servers of logical replication, and what of them would be lost, or stop what is copied.

Logical replication copies rows, and nothing else: a table, a column or an index that is made on one server must be made
on the other one, too, and a table that is in no publication is lost with its server, without a word.
"""

from collections.abc import Iterator, Sequence

from psycopg import sql

from activities.clients.postgres import Server
from activities.clients.postgres_logical import named
from runbooks.postgres_logical import PostgresLogicalSettings
from runbooks.values import Model

_SHAPES = """
WITH published AS (SELECT c.oid FROM pg_publication_tables p JOIN pg_namespace n ON n.nspname = p.schemaname
                          JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename
                   WHERE p.pubname = %(publication)s),
     subscribed AS (SELECT srrelid AS oid FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = r.srsubid
                    WHERE s.subname = %(subscription)s
                      AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()))
SELECT n.nspname::text AS schema, c.relname::text AS name, c.relkind = 'r' AS holds_rows,
       c.oid IN (SELECT oid FROM published) AS published,
       c.oid IN (SELECT oid FROM subscribed) AS subscribed,
       EXISTS (SELECT FROM pg_partition_ancestors(c.oid) a
               WHERE a.relid IN (SELECT oid FROM published UNION SELECT oid FROM subscribed)) AS by_root,
       (c.relreplident = 'f' OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND
           (c.relreplident = 'd' AND i.indisprimary OR c.relreplident = 'i' AND i.indisreplident))) AS identified,
       coalesce((SELECT array_agg(a.attname::text ORDER BY k.n)
                 FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k(attnum, n), pg_attribute a
                 WHERE i.indrelid = c.oid AND i.indisprimary AND k.n <= i.indnkeyatts
                   AND a.attrelid = c.oid AND a.attnum = k.attnum), '{}') AS key,
       coalesce((SELECT json_object_agg(a.attname, format_type(a.atttypid, a.atttypmod) ORDER BY a.attname)
                 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                   AND a.attgenerated = ''), '{}'::json) AS columns,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attnotnull AND NOT a.atthasdef
               AND a.attidentity = '') AS required
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'evac')
  AND NOT EXISTS (SELECT FROM pg_depend d  -- an extension's own
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2
"""


class Shape(Model):
    """One table. `columns`: the types, by name, of those that are copied; `required`: whose value must be given."""

    schema_: str
    name: str
    holds_rows: bool
    published: bool
    subscribed: bool
    by_root: bool
    """It is copied with, or as, a partitioned table."""
    identified: bool
    """It has what a change or a deletion of a row is found by on the other server."""
    key: tuple[str, ...]
    columns: dict[str, str]
    required: tuple[str, ...]

    @property
    def title(self) -> str:
        """For people, and in `not_copied`."""
        return f"{self.schema_}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        """For queries."""
        return sql.Identifier(self.schema_, self.name)


async def read_shapes(server: Server, settings: PostgresLogicalSettings) -> dict[str, Shape]:
    """Every table of the database, by its title. Raises StepError."""
    asked: dict[str, object] = {"publication": settings.publication, "subscription": settings.subscription}
    rows = await server.rows(_SHAPES, asked)
    found = (Shape(schema_=row["schema"], **{k: v for k, v in row.items() if k != "schema"}) for row in rows)
    return {shape.title: shape for shape in found}


async def faults(
    standby: Server, upstream: Server, settings: PostgresLogicalSettings, above: PostgresLogicalSettings
) -> tuple[str, ...]:
    """What of the upstream would be lost, or stops what is copied, a sentence each. Raises StepError."""
    here, there = await read_shapes(standby, settings), await read_shapes(upstream, above)
    copied = [shape for shape in there.values() if shape.published]
    return (
        *_said("in no publication, and would be lost", _left_out(there, above)),
        *_said("published, but not subscribed to here", _unsubscribed(copied, here)),
        *_said("without a replica identity: updates of them fail", [o.title for o in copied if not o.identified]),
        *stoppers(copied, here),
    )


def stoppers(copied: Sequence[Shape], here: dict[str, Shape]) -> tuple[str, ...]:
    """What would stop the copying of these tables, a sentence each."""
    return (
        *_said("published, but not here", [one.title for one in copied if one.title not in here]),
        *(word for one in copied if one.title in here for word in _columns(one, here[one.title])),
    )


async def local_faults(standby: Server, settings: PostgresLogicalSettings) -> tuple[str, ...]:
    """The same as far as the standby knows it alone: its upstream may be gone. Raises StepError."""
    here = await read_shapes(standby, settings)
    return (
        *_said("here, but copied from nowhere", _left_out(here, settings)),
        *_said(
            "without a replica identity: updates of them will fail",
            [one.title for one in here.values() if one.subscribed and not one.identified],
        ),
    )


def _left_out(shapes: dict[str, Shape], settings: PostgresLogicalSettings) -> list[str]:
    return [
        title
        for title, one in shapes.items()
        if one.holds_rows and not (one.published or one.subscribed or one.by_root) and title not in settings.not_copied
    ]


def _unsubscribed(copied: Sequence[Shape], here: dict[str, Shape]) -> list[str]:
    return [one.title for one in copied if one.title in here and not here[one.title].subscribed]


def _said(what: str, titles: Sequence[str]) -> Iterator[str]:
    if titles:
        yield f"Tables that are {what}: {named(tuple(titles))}."


def _columns(there: Shape, here: Shape) -> Iterator[str]:
    if lacking := sorted(set(there.columns) - set(here.columns)):
        yield f"{here.title} lacks the columns {named(tuple(lacking))}: what is copied stops there."
    if more := sorted(set(here.required) - set(there.columns)):
        yield f"{here.title} has columns more that must be given ({named(tuple(more))}): what is copied stops there."
