"""`evac worker`: a process that carries out procedures, or watches from one vantage point."""

import asyncio
import logging
import sys
from typing import Annotated

import typer
from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from triggers.cli.exits import Exit
from triggers.cli.out import Refusal, say
from triggers.cli.session import settings
from worker.main import serve

app = typer.Typer(add_completion=False)
_ROOMS = ("worker", "activities", "workflows", "audit", "triggers", "lab")


@app.command()
def worker(
    embedded: Annotated[
        bool, typer.Option("--embedded", help="Also run a Temporal server, kept in EVAC_HOME.")
    ] = False,
    vantage: Annotated[str | None, typer.Option(help="Only watch, from this region (or `witness`).")] = None,
) -> None:
    """Run a worker until it is stopped (Ctrl-C or SIGTERM): what it does not finish, another goes on with."""
    if vantage == "":
        raise Refusal(
            Exit.USAGE, "--vantage wants a region of the runbooks, or `witness`: nobody asks one without a name"
        )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    for room in _ROOMS:
        logging.getLogger(room).setLevel(logging.INFO)
    _forward_core()
    asyncio.run(serve(settings(), embedded=embedded, vantage=vantage, ready=say))


def _forward_core() -> None:
    """The SDK's own log goes where the worker's goes; by itself it would write to stdout."""
    forwarding = LogForwardingConfig(logger=logging.getLogger("temporalio.core"))
    config = LoggingConfig(filter=TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding=forwarding)
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=config)))
