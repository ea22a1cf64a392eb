"""`evac serve`: the doors that stay open, for alerts over HTTP and for Slack."""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from runbooks.faults import RunbookError
from triggers.cli.exits import Exit
from triggers.cli.files import faults
from triggers.cli.out import Refusal, answer, say
from triggers.cli.session import settings, silence_core
from triggers.serve.config import ServeConfig
from triggers.serve.load import load

app = typer.Typer(add_completion=False)
_FIRST = """The least that opens the console on this machine (docs/console.md; for alerts docs/alerts.md):

evac-serve: 1
runbooks: ["runbooks/*.yaml"]
console: {}
"""


@app.command()
def serve(
    config: Annotated[Path, typer.Option(help="The server's file.")] = Path("evac-serve.yaml"),
    check: Annotated[bool, typer.Option("--check", help="Only check the file, and listen nowhere.")] = False,
) -> None:
    """Take alerts over HTTP, and commands from Slack, until it is stopped (Ctrl-C or SIGTERM).

    Alerts go to every runbook that has a rule for them; a sender is answered only when Temporal has its alert.
    """
    read = _read(config)
    if check:
        answer(f"{config}: valid")
        return
    try:
        from triggers.alerts.keyring import MissingSecretsError  # noqa: PLC0415 - an extra: `--check` needs none of it
        from triggers.serve.listen import CannotListenError, listen  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise _not_installed(error) from None
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("triggers").setLevel(logging.INFO)
    silence_core()
    try:
        asyncio.run(listen(read, settings(), say))
    except ModuleNotFoundError as error:
        raise _not_installed(error) from None
    except MissingSecretsError as error:
        raise Refusal(Exit.USAGE, str(error)) from None
    except CannotListenError as error:
        raise Refusal(Exit.REFUSED, str(error)) from None


def _not_installed(error: ModuleNotFoundError) -> Refusal:
    return Refusal(Exit.USAGE, f"this server needs the package {error.name}: pip install 'evac[serve,slack]'")


def _read(file: Path) -> ServeConfig:
    try:
        return load(file)
    except RunbookError as error:
        for fault in error.faults:
            say(str(fault))
        if not file.exists():
            say(_FIRST)
        raise Refusal(Exit.INVALID, f"{file} cannot be used: {faults(len(error.faults))}") from None
