"""Rows that one server has and another lacks, or has otherwise: found by key, without moving whole tables.

Each table is cut into buckets by the hash of its keys; only the keys of buckets that differ are read, and only the
rows of keys that differ. Both sides are read in one snapshot each.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from psycopg import sql

from activities.clients.postgres import Row, Server
from activities.clients.postgres_tables import Table
from runbooks.values import Model

T = TypeVar("T")

_BUCKETS = 1024
_BATCH = 500


class Orphan(Model):
    """One row of the former primary, as JSON text; `there`: what stands under its key on the other server now."""

    table: Table
    key: str | None
    row: str
    there: str | None


@dataclass(frozen=True)
class Sides:
    """A former primary and its successor, each in one snapshot.

    `xids`: the transactions that only `old` has, where that is known. A row that none of them wrote is not lost: it
    was deleted or changed on the other server since.
    """

    old: Server
    new: Server
    within: float
    xids: Collection[int] | None = None


async def orphans(sides: Sides, table: Table, *, exists: bool) -> AsyncIterator[Orphan]:
    """The rows of one table that only `old` has, or that differ; `exists`: `new` has the table. Raises StepError."""
    mine = await _by_bucket(sides.old, table, sides.within)
    theirs = await _by_bucket(sides.new, table, sides.within) if exists else {}
    buckets = [bucket for bucket, digest in mine.items() if theirs.get(bucket) != digest]
    for some in _batches(buckets, _BATCH):
        here = await _by_key(sides.old, table, some, sides.within)
        there = await _by_key(sides.new, table, some, sides.within) if exists else {}
        differing = [key for key, digest in here.items() if there.get(key) != digest]
        for keys in _batches(differing, _BATCH):
            lost = await _rows(sides.old, table, keys, sides.within)
            kept = await _rows(sides.new, table, keys, sides.within) if exists else {}
            for key in keys:
                for orphan in _of_key(sides, table, key, lost.get(key, []), kept.get(key, [])):
                    yield orphan


def _of_key(sides: Sides, table: Table, key: str, lost: list[Row], kept: list[Row]) -> Iterator[Orphan]:
    rows = [row for row in lost if sides.xids is None or row["xid"] in sides.xids]
    if table.key:
        there = kept[0]["row"] if kept else None
        yield from (Orphan(table=table, key=key, row=row["row"], there=there) for row in rows)
    else:
        # The key is the whole row: of so many equal ones, the other server lacks so many.
        missing = max(0, len(lost) - len(kept))
        yield from (Orphan(table=table, key=None, row=row["row"], there=None) for row in rows[:missing])


async def _by_bucket(server: Server, table: Table, within: float) -> dict[int, tuple[int, str]]:
    query = sql.SQL(
        "SELECT (hashtextextended({key}, 0) & {last})::int AS bucket, count(*) AS n,"
        " sum(hashtextextended({row}, 0))::text AS sum FROM {source} GROUP BY 1 ORDER BY 1"
    )
    rows = await server.rows(_filled(query, table), within=within)
    return {row["bucket"]: (row["n"], row["sum"]) for row in rows}


async def _by_key(server: Server, table: Table, buckets: list[int], within: float) -> dict[str, tuple[int, str]]:
    query = sql.SQL(
        "SELECT {key} AS key, count(*) AS n, sum(hashtextextended({row}, 0))::text AS sum FROM {source}"
        " WHERE (hashtextextended({key}, 0) & {last})::int = ANY(%(buckets)s) GROUP BY 1 ORDER BY 1"
    )
    rows = await server.rows(_filled(query, table), {"buckets": buckets}, within=within)
    return {row["key"]: (row["n"], row["sum"]) for row in rows}


async def _rows(server: Server, table: Table, keys: list[str], within: float) -> dict[str, list[Row]]:
    query = sql.SQL(
        "SELECT {key} AS key, to_jsonb(evac_row.*)::text AS row, evac_row.xmin::text::bigint AS xid FROM {source}"
        " WHERE {key} = ANY(%(keys)s) ORDER BY 1, 2"
    )
    found: dict[str, list[Row]] = {}
    for row in await server.rows(_filled(query, table), {"keys": keys}, within=within):
        found.setdefault(row["key"], []).append(row)
    return found


def _filled(query: sql.SQL, table: Table) -> sql.Composed:
    return query.format(key=table.key_text, row=table.row_text, source=table.source, last=sql.Literal(_BUCKETS - 1))


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
