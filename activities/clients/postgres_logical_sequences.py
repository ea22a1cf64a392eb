"""Sequences are not copied: before anybody writes, each is set beyond the last value that a row has.

A sequence counts when it gives values to a column of a copied table: by ownership (serial, identity) or by a default.
Nobody may draw from it meanwhile: a sequence that is ahead is left, and none is ever set back.
"""

from collections.abc import Collection
from decimal import Decimal

from psycopg import sql

from activities.clients.postgres import Server
from runbooks.values import Model

_FEEDS = """
SELECT sn.nspname::text AS schema, s.relname::text AS name, q.seqincrement AS step, q.seqmin AS least, q.seqmax AS most,
       tn.nspname::text AS table_schema, t.relname::text AS table_name, a.attname::text AS column_name,
       a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype) AS counts
FROM pg_class s JOIN pg_sequence q ON q.seqrelid = s.oid JOIN pg_namespace sn ON sn.oid = s.relnamespace
JOIN LATERAL (
    SELECT d.refobjid AS rel, d.refobjsubid AS col FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass
      AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
    UNION
    SELECT f.adrelid, f.adnum FROM pg_depend d JOIN pg_attrdef f ON f.oid = d.objid
    WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid
) AS fed ON true
JOIN pg_class t ON t.oid = fed.rel JOIN pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = fed.col
ORDER BY 1, 2, 6, 7
"""
_LAST = """
SELECT schemaname || '.' || sequencename AS title, last_value FROM pg_sequences WHERE last_value IS NOT NULL
"""


class Sequence(Model):
    """One, and the columns that it feeds, as `(schema, table, column)`; `counts`: those that hold numbers."""

    schema_: str
    name: str
    step: int
    least: int
    most: int
    feeds: tuple[tuple[str, str, str], ...]
    counts: tuple[tuple[str, str, str], ...]

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.schema_}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        """For queries."""
        return sql.Identifier(self.schema_, self.name)

    def beyond(self, value: int, margin: int) -> int:
        """So many values further, as far as it goes."""
        return min(self.most, max(self.least, value + margin * self.step))

    def further(self, one: int, other: int) -> int:
        """Whichever of the two comes later."""
        return max(one, other) if self.step > 0 else min(one, other)


async def read_sequences(server: Server, tables: Collection[str]) -> tuple[Sequence, ...]:
    """Those that feed one of the tables, by title. Raises StepError."""
    found: dict[str, Sequence] = {}
    for row in await server.rows(_FEEDS):
        column = (row["table_schema"], row["table_name"], row["column_name"])
        if f"{column[0]}.{column[1]}" not in tables:
            continue
        given = {"name": row["name"], "step": row["step"], "least": row["least"], "most": row["most"]}
        known = Sequence(schema_=row["schema"], feeds=(), counts=(), **given)
        known = found.get(known.title, known)
        more = {"feeds": (*known.feeds, column), "counts": (*known.counts, *((column,) if row["counts"] else ()))}
        found[known.title] = known.model_copy(update=more)
    return tuple(found.values())


async def last_values(server: Server) -> dict[str, int]:
    """The last value of every sequence that has given one, as far as its user may see. Raises StepError."""
    return {row["title"]: int(row["last_value"]) for row in await server.rows(_LAST)}


async def set_beyond(server: Server, one: Sequence, floor: int | None, margin: int, within: float) -> bool:
    """Set it beyond its columns, and beyond `floor`: what it was elsewhere. False: it is. Raises StepError."""
    used = await _used(server, one, within)
    reached = [value for value in (used, floor) if value is not None]
    if not reached:
        return False
    last = reached[0] if len(reached) == 1 else one.further(reached[0], reached[1])
    wanted = one.beyond(last, margin)
    now = await server.row(sql.SQL("SELECT last_value, is_called FROM {}").format(one.identifier))
    next_ = int(now["last_value"]) + (one.step if now["is_called"] else 0)
    if one.further(next_, wanted + one.step) == next_:
        return False
    name = sql.Literal(one.identifier.as_string())
    await server.rows(sql.SQL("SELECT setval({}, {})").format(name, sql.Literal(wanted)))
    return True


async def _used(server: Server, one: Sequence, within: float) -> int | None:
    """The furthest value that a row has; None: there is none."""
    furthest = sql.SQL("max" if one.step > 0 else "min")
    values: list[int] = []
    for schema, table, column in one.counts:
        query = sql.SQL("SELECT {}({})::numeric AS value FROM {}")
        asked = query.format(furthest, sql.Identifier(column), sql.Identifier(schema, table))
        value: Decimal | None = (await server.row(asked, within=within))["value"]
        if value is not None and value.is_finite():
            values.append(int(value))
    return None if not values else max(values) if one.step > 0 else min(values)


def unfed(here: Collection[Sequence], there: Collection[Sequence]) -> tuple[str, ...]:
    """The columns that a sequence feeds on the other server, and none here."""
    fed = {column for one in here for column in one.feeds}
    return tuple(sorted(".".join(column) for one in there for column in one.feeds if column not in fed))
