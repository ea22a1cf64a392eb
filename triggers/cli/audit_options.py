"""The arguments that the commands of `evac audit` share."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from runbooks.values import parse_seconds
from triggers.cli.exits import Exit
from triggers.cli.out import Refusal

WHICH = (
    "A folder, a tar, an address in a store, the beginning of a run's id or record's name, or a runbook (its newest)."
)
Record = Annotated[str, typer.Argument(help=WHICH)]
Key = Annotated[Path | None, typer.Option(metavar="FILE", help="The public key (PEM) that must have signed it.")]


def public_key(path: Path | None) -> str | None:
    """The key's text. Raises Refusal when it cannot be read."""
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise Refusal(Exit.USAGE, f"the key {path} cannot be read: {why}") from None


def when(text: str) -> float:
    """A day, a moment (UTC, unless it says otherwise), or how long ago."""
    try:
        return time.time() - float(str(parse_seconds(text)))
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no time: write 2026-11-24, 2026-11-24T03:00, or 7d for a week ago"
        raise typer.BadParameter(message) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
