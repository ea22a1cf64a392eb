"""`evac audit adopt`: a record becomes a case that every later release must replay (`evac replay --all`)."""

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from audit.shelf import found
from audit.verify import verify
from triggers.cli.audit_options import Key, Record, public_key
from triggers.cli.exits import Exit
from triggers.cli.out import Refusal, answer, say
from triggers.cli.session import settings

_HISTORY = "history.json"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(adopt)


def adopt(
    record: Record,
    to: Annotated[Path, typer.Option("--to", help="The folder of cases.")] = Path("tests/cases"),
    key: Key = None,
) -> None:
    """Copy a record into a folder of cases, for `evac replay --all FOLDER` in CI.

    It is verified first. Nothing in it is anonymised: it names people, servers and regions, as it was written.
    """
    bundle = found(settings().records, record)
    checked = verify(bundle, public_key(key))
    if not checked.intact:
        first = checked.faults[0]
        raise Refusal(Exit.REFUSED, f"{bundle.name} is {checked.sentence} ({first.file}: {first.what}); not adopted")
    if _HISTORY not in bundle.files:
        raise Refusal(Exit.REFUSED, f"{bundle.name} holds no {_HISTORY}, so nothing of it can be replayed")
    final = to / bundle.name
    if final.exists():
        raise Refusal(Exit.REFUSED, f"{final} is there already")
    try:
        _written(final, bundle.files)
    except OSError as error:
        raise Refusal(Exit.USAGE, f"{final} cannot be written: {error.strerror or error}") from None
    answer(f"adopted as {final}; `evac replay --all {to}` replays it")
    say("Nothing in it was anonymised: look at what it names before it is published.")


def _written(final: Path, files: dict[str, bytes]) -> None:
    """Whole or not at all."""
    final.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=final.parent))
    try:
        for name, content in files.items():
            (new / name).write_bytes(content)
        new.chmod(0o755)
        new.rename(final)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
