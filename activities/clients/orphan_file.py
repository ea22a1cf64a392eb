"""The file of orphans that a person reviews: one JSON line a row, the SQL that would bring it back, and a summary.

They stand in `home/orphans/RUN/RESOURCE.{jsonl,sql,json}`, for nobody's eyes but their owner's. The summary comes
last: without it the others are drafts of a salvage that did not end.
"""

import hashlib
import json
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from psycopg import sql

from activities.acting import View
from activities.clients.postgres_orphans import Orphan
from runbooks.steps import StepCall


class Summary(View):
    """What was found: how many rows of each table, and the digest of the file that holds them."""

    path: str
    sha256: str
    tables: dict[str, int]
    commits: int | None = None
    """How many transactions only the former primary has, where that can be told."""
    fork: str = ""
    """Where in the log its successor went its own way."""

    @property
    def rows(self) -> int:
        """In all."""
        return sum(self.tables.values())

    @property
    def sentence(self) -> str:
        """For people."""
        after = f" of {self.commits} transactions" if self.commits is not None else ""
        if self.rows == 0:
            return f"No row{after} behind {self.fork} is only on the former primary."
        counts = ", ".join(f"{count} of {table}" for table, count in self.tables.items())
        rows = "1 row" if self.rows == 1 else f"{self.rows} rows"
        return f"{rows}{after} behind {self.fork} are only on the former primary ({counts}): review {self.path}."


class OrphanFile:
    """Written while it is entered; `keep` makes it the result."""

    def __init__(self, home: Path, call: StepCall) -> None:
        folder = (home / "orphans" / call.run).absolute()
        self.path = folder / f"{call.resource}.jsonl"
        self._sql = folder / f"{call.resource}.sql"
        self._summary = folder / f"{call.resource}.json"
        self._tables: dict[str, int] = {}

    def kept(self) -> Summary | None:
        """The summary of an earlier salvage of this run whose file is still whole."""
        try:
            summary = Summary.model_validate_json(self._summary.read_text())
            return summary if summary.sha256 == _digest(self.path) else None
        except (FileNotFoundError, ValueError):
            return None

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lines, self._statements = _private(self.path), _private(self._sql)
        self._statements.write("-- Rows that only the former primary had. Review them before you run this.\nBEGIN;\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()
        self._statements.close()

    def add(self, orphan: Orphan) -> None:
        """One row more."""
        title = orphan.table.title
        self._tables[title] = self._tables.get(title, 0) + 1
        # Put together from text: a number must not lose its last digits on its way through floating point.
        self._lines.write(
            f'{{"table": {json.dumps(title)}, "key": {orphan.key or "null"}, '
            f'"row": {orphan.row}, "there": {orphan.there or "null"}}}\n'
        )
        self._statements.write(_insert(orphan))

    def keep(self, commits: int | None, fork: str) -> Summary:
        """Finish both files, and write the summary."""
        self._statements.write("COMMIT;\n")
        for file in (self._lines, self._statements):
            file.flush()
        summary = Summary(
            path=str(self.path), sha256=_digest(self.path), tables=self._tables, commits=commits, fork=fork
        )
        with _private(self._summary) as file:
            file.write(summary.model_dump_json(indent=2) + "\n")
        return summary


def _private(path: Path) -> TextIO:
    path.touch(mode=0o600)
    return path.open("w", encoding="utf-8")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _insert(orphan: Orphan) -> str:
    columns = sql.SQL(", ").join(sql.Identifier(column) for column in orphan.table.columns)
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE\n"
        "  SELECT {columns} FROM jsonb_populate_record(NULL::{table}, {row}) ON CONFLICT DO NOTHING;\n"
    ).format(table=orphan.table.identifier, columns=columns, row=sql.Literal(orphan.row))
    note = "" if orphan.there is None else "-- The other server has another row under this key; it stays.\n"
    return note + statement.as_string()
