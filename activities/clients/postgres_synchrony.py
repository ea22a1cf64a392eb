"""`synchronous_standby_names`: whom a commit waits for, and how a standby is put there."""

import re

from psycopg import sql

from activities.clients.postgres import Server
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType

NAMES = "synchronous_standby_names"
_EVERY = 0.01
_READ_BACK = 2.0

_COUNT = re.compile(r"\s*(?:(?:FIRST|ANY)\s+)?(\d+)\s*\(", re.IGNORECASE)
_LIST = re.compile(r"\s*((?:FIRST|ANY)\s+\d+|\d+)\s*\((.*)\)\s*", re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"]|"")+)"|([^\s,"]+)')


def standbys_needed(names: str) -> int:
    """How many standbys a commit waits for: `ANY 2 (a, b)`, `FIRST 1 (a)`, `2 (a, b)`, or a plain list (one)."""
    if not names.strip():
        return 0
    count = _COUNT.match(names)
    return int(count[1]) if count else 1


def waits_for(names: str) -> tuple[str, ...]:
    """The standbys that are named; `*` is any."""
    found = _LIST.fullmatch(names)
    listed = found[2] if found else names
    return tuple((quoted or plain).replace('""', '"') for quoted, plain in _QUOTED.findall(listed))


def with_standby(names: str, standby: str) -> str:
    """The same setting, in which this standby counts, too; how many are waited for stays, and is one at first."""
    if {standby, "*"} & set(waits_for(names)):
        return names
    found = _LIST.fullmatch(names)
    method = found[1] if found else "FIRST 1"
    listed = ", ".join('"' + name.replace('"', '""') + '"' for name in (*waits_for(names), standby))
    return f"{method} ({listed})"


async def override(server: Server, parameter: str, value: str) -> None:
    """Set a server-wide parameter, and wait until this session sees it: then the others see it too."""
    await server.rows(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(parameter), sql.Literal(value)))
    await server.rows("SELECT pg_reload_conf()")

    async def current() -> str:
        return str((await server.row("SELECT current_setting(%(name)s) AS now", {"name": parameter}))["now"])

    now, set_ = await poll(current, lambda now: now == value, every=_EVERY, within=_READ_BACK)
    if not set_:
        raise StepError(
            ErrorType.WRONG_STATE,
            f"{parameter} of {server.where} is still {now!r}: it is set where ALTER SYSTEM cannot override it "
            "(the server's command line, a role or a database). Change it there, then retry.",
        )
