"""From the words of a command to the input of a run."""

import time
from uuid import uuid4

from runbooks.load import LoadedRunbook
from runbooks.models import Procedure, Runbook
from runbooks.runs import RunInput, Trigger
from triggers.cli.exits import Exit
from triggers.cli.out import Refusal
from triggers.identity import who
from worker.settings import Settings


def run_input(
    settings: Settings,
    read: LoadedRunbook,
    *,
    procedure: Procedure = Procedure.FAILOVER,
    source: str,
    target: str | None,
    accept: list[str] | None,
    force: bool = False,
    reason: str = "",
) -> RunInput:
    """The request of the person at this command line. Raises Refusal for a region that the runbook does not have."""
    check_regions(read.runbook, source, target)
    accepted = tuple(accept or ())
    asked = trigger(settings, procedure, source, reason)
    return RunInput(
        runbook=read.runbook,
        text=read.text,
        procedure=procedure,
        source=source,
        target=target,
        accept=accepted,
        force=force,
        trigger=asked.model_copy(update={"target": target, "accept": accepted, "force": force}),
    )


def trigger(settings: Settings, procedure: Procedure, source: str = "", reason: str = "") -> Trigger:
    """The wish of the person at this command line. Its id makes it count once."""
    actor = who(settings)
    return Trigger(
        id=uuid4().hex,
        kind="person",
        by=actor.name,
        proof=actor.proof,
        at=time.time(),
        reason=reason,
        procedure=procedure,
        source=source,
    )


def check_regions(runbook: Runbook, *regions: str | None) -> None:
    """Raises Refusal for a region that the runbook does not have."""
    for region in regions:
        if region is not None and region not in runbook.regions:
            message = f"{runbook.name} has no region {region}: its regions are {', '.join(runbook.regions)}"
            raise Refusal(Exit.USAGE, message)
