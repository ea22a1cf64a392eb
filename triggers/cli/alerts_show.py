"""`evac alerts show`: what stands of a runbook's alerts, and what was made of it."""

import sys
import time
from typing import Annotated

import typer

from runbooks.alerts import AlertsState
from triggers.cli.alerts_view import alerts_view
from triggers.cli.out import Format, Output, document
from triggers.cli.screen import console
from triggers.cli.session import with_client
from triggers.errors import NoSuchRunError
from triggers.look import alerts_state


def show(
    runbook: Annotated[str, typer.Argument(help="The runbook's name.")],
    output: Output = Format.TEXT,
) -> None:
    """Show which alerts fire, what was decided about each region, and why: also when it was to do nothing."""
    state: AlertsState | None = with_client(lambda client, settings: alerts_state(client, settings, runbook))
    if state is None:
        message = f"no alert for {runbook} was ever handed over (`evac alerts dead` lists what led to nothing)"
        raise NoSuchRunError(message)
    if output is Format.JSON:
        document(alerts=state.model_dump(mode="json"))
    else:
        console(sys.stdout).print(alerts_view(state, time.time()))
