"""What a database of logical replication keeps for itself: the newest decision, its fence, and whom it follows.

It stands in the comment of the schema `evac`. A table would not do: a publication FOR ALL TABLES would copy it, and one
row that both servers have written by themselves stops all that is copied. Comments are part of no publication; they
are transactional, and outlive a crash.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import sql
from pydantic import ValidationError

from activities.clients.postgres import Server
from activities.clients.postgres_epoch import refuse_stale
from runbooks.steps import StepCall
from runbooks.values import Model

_LOCK = 0x45564C47  # "EVLG": whoever changes something of a database takes turns
_TURN_SECONDS = 15.0

_READ = "SELECT obj_description(to_regnamespace('evac'), 'pg_namespace') AS text"


class Note(Model):
    """Of one runbook."""

    epoch: int | None = None
    """The newest decision."""
    fenced: int | None = None
    """The decision by which its writers were shut out."""
    took: tuple[str, ...] = ()
    """The roles that could log in before that fence."""
    lifted: int | None = None
    """The last decision whose fence was undone here: its writers have been in since."""
    promoting: int | None = None
    """The decision by which it stops to follow, and is to take writes; None when its writers are in."""
    follows: str | None = None
    """Whom it was told to follow; set before its tables are emptied for that."""
    equal: str | None = None
    """The former primary that had the same rows when this one became the primary, and has a slot here since then."""
    equal_by: int | None = None
    """The decision by which that was so."""


async def read_note(server: Server, runbook: str) -> Note:
    """What is kept for the runbook. Raises StepError."""
    return _of(await _text(server), runbook)


@asynccontextmanager
async def deciding(server: Server, call: StepCall) -> AsyncIterator[Note]:
    """Nobody else changes this database meanwhile, and no older decision later. Raises StepError for a stale one."""
    await server.rows("SET synchronous_commit = local")  # whom a commit would wait for may be gone
    await server.rows("SET default_transaction_read_only = off")
    await be_patient(server, _TURN_SECONDS)
    await server.rows("SELECT pg_advisory_lock(%(lock)s)", {"lock": _LOCK}, within=_TURN_SECONDS)
    note = await read_note(server, call.runbook)
    refuse_stale(server.where, note.epoch, call)
    yield note
    await server.rows("SELECT pg_advisory_unlock(%(lock)s)", {"lock": _LOCK})


@asynccontextmanager
async def at_once(server: Server) -> AsyncIterator[None]:
    """All of it, or nothing: when the block fails the connection must be given up. Raises StepError."""
    await server.rows("BEGIN")
    yield
    await server.rows("COMMIT")


async def keep_note(server: Server, call: StepCall, note: Note) -> None:
    """Keep it as this decision's; within `deciding`. Raises StepError."""
    text = await _text(server)
    if text is None:
        await server.rows("CREATE SCHEMA IF NOT EXISTS evac")
    kept = {**_all(text), call.runbook: note.model_copy(update={"epoch": call.epoch}).model_dump(mode="json")}
    await server.rows(sql.SQL("COMMENT ON SCHEMA evac IS {}").format(sql.Literal(json.dumps(kept, sort_keys=True))))


async def be_patient(server: Server, within: float) -> None:
    """Let statements take so long from here on. Raises StepError."""
    await server.rows("SELECT set_config('statement_timeout', %(ms)s, false)", {"ms": f"{int(within * 1000)}ms"})


async def _text(server: Server) -> str | None:
    text = (await server.row(_READ))["text"]
    return None if text is None else str(text)


def _all(text: str | None) -> dict[str, object]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}  # somebody's own words
    return found if isinstance(found, dict) else {}


def _of(text: str | None, runbook: str) -> Note:
    try:
        return Note.model_validate(_all(text).get(runbook, {}))
    except ValidationError:
        return Note()
