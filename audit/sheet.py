"""A journal as CSV: every entry, also those that a report leaves out. No cell is a formula to any spreadsheet."""

import csv
import io
from datetime import UTC, datetime

from pydantic import JsonValue

from audit.bundle import Bundle

COLUMNS = ("entry", "at", "kind", "step", "by", "what", "hash")
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def sheet(bundle: Bundle) -> str:
    """The journal, one entry a row."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for entry in bundle.journal():
        body = entry.body
        told = [body.get(key) or "" for key in ("kind", "step", "by", "text")]
        rows.writerow([entry.seq, _when(body.get("at")), *map(_cell, told), entry.hash])
    return text.getvalue()


def _when(at: JsonValue) -> str:
    return datetime.fromtimestamp(at, tz=UTC).isoformat(timespec="milliseconds") if isinstance(at, int | float) else ""


def _cell(value: JsonValue) -> str:
    """A text that a spreadsheet would run gets a sign that it is one."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text
