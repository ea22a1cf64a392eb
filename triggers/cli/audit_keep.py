"""`evac audit keygen`, `push` and `prune`: signing records, copying them, and how long they are kept here."""

import os
import shutil
import time
from pathlib import Path
from typing import Annotated

import typer

from audit.pending import Old, old, push
from audit.signing import generate, key_id
from audit.store import Store
from runbooks.durations import duration
from triggers.cli.exits import Exit
from triggers.cli.options import Yes
from triggers.cli.out import Format, Output, Refusal, answer, document, leave
from triggers.cli.session import at_terminal, settings
from worker.settings import Settings

_PRIVATE = 0o600


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="push")(push_)
    app.command()(prune)
    app.command()(keygen)


def keygen(
    private: Annotated[Path, typer.Argument(help="Where the private key goes: it must not be there yet.")],
) -> None:
    """Make a key that signs records. The public half goes beside it, with the ending .pub: give that to auditors.

    Then set EVAC_SIGNING_KEY=file:///path/to/it where the workers run.
    """
    public = private.with_name(f"{private.name}.pub")
    secret, open_ = generate()
    for path, text, mode in ((private, secret, _PRIVATE), (public, open_, 0o644)):
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
                file.write(text)
        except FileExistsError:
            raise Refusal(Exit.REFUSED, f"{path} is there already: nothing is written over a key") from None
        except OSError as error:
            raise Refusal(Exit.USAGE, f"{path} cannot be written: {error.strerror}") from None
    answer(f"wrote {private} and {public}; key {key_id(open_)[:16]}")
    answer(f"set EVAC_SIGNING_KEY=file://{private.resolve()} where the workers run, and keep {private} secret")


def push_(output: Output = Format.TEXT) -> None:
    """Copy to the store what it has not yet. Workers do that by themselves; nothing is ever written over."""
    chosen = settings()
    pushed = list(push(chosen.records, _store(chosen)))
    failed = [one for one in pushed if one.why_not is not None]
    if output is Format.JSON:
        document(store=chosen.records_store, records=[{"record": one.place, "why_not": one.why_not} for one in pushed])
    elif not pushed:
        answer(f"{chosen.records_store} has every record")
    else:
        answer("\n".join(f"{one.place}: {one.why_not or 'copied'}" for one in pushed))
    leave(Exit.FAILED if failed else Exit.DONE)


def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    yes: Yes = False,
    output: Output = Format.TEXT,
) -> None:
    """Remove from this machine what is older than EVAC_RECORDS_KEEP and what the store has, byte by byte.

    The store's copy is read back and compared first, every time. The store itself is never touched.
    """
    chosen = settings()
    if chosen.records_keep is None:
        raise Refusal(Exit.USAGE, "EVAC_RECORDS_KEEP is not set, so records are kept for ever: nothing was removed")
    found = list(old(chosen.records, _store(chosen), time.time() - chosen.records_keep))
    going = [one for one in found if one.why_kept is None]
    if not dry_run and going:
        _confirm(len(going), yes=yes)
        for one in going:
            _remove(chosen.records, one.place)
    if output is Format.JSON:
        rows = [
            {"record": one.place, "removed": one.why_kept is None and not dry_run, "why_kept": one.why_kept}
            for one in found
        ]
        document(dry_run=dry_run, records=rows)
    else:
        none = f"no record is older than {duration(chosen.records_keep)}"
        answer("\n".join(_sentence(one, dry_run=dry_run) for one in found) or none)


def _remove(records: Path, place: str) -> None:
    """All at once: what is half removed would look like a record that was tampered with."""
    gone = records / f".gone-{place.replace('/', '-')}"
    (records / place).rename(gone)
    shutil.rmtree(gone)


def _sentence(one: Old, *, dry_run: bool) -> str:
    if one.why_kept is not None:
        return f"{one.place}: stays, {one.why_kept}"
    return f"{one.place}: {'would be removed' if dry_run else 'removed'}, the store has it"


def _confirm(count: int, *, yes: bool) -> None:
    if yes:
        return
    if not at_terminal():
        raise Refusal(Exit.USAGE, "nobody can be asked here: say --yes, or look first with --dry-run")
    if not typer.confirm(f"Remove {count} record{'' if count == 1 else 's'} from this machine?", err=True):
        raise Refusal(Exit.REFUSED, "nothing was removed")


def _store(chosen: Settings) -> Store:
    if chosen.records_store is None:
        raise Refusal(
            Exit.USAGE, "EVAC_RECORDS_STORE is not set: there is no store (s3://bucket/prefix, az://, gs://, file://)"
        )
    return Store(chosen.records_store)
