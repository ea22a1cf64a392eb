"""From the words of a command to the input of a failover."""

import time
from uuid import uuid4

from runbooks.load import LoadedRunbook
from runbooks.runs import RunInput, Trigger
from triggers.cli.exits import Exit
from triggers.cli.out import Refusal
from triggers.identity import who
from worker.settings import Settings


def run_input(
    settings: Settings,
    read: LoadedRunbook,
    *,
    source: str,
    target: str | None,
    accept: list[str] | None,
    force: bool = False,
    reason: str = "",
) -> RunInput:
    """The request of the person at this command line. Raises Refusal for a region that the runbook does not have."""
    runbook = read.runbook
    for region in (source, target):
        if region is not None and region not in runbook.regions:
            message = f"{runbook.name} has no region {region}: its regions are {', '.join(runbook.regions)}"
            raise Refusal(Exit.USAGE, message)
    actor = who(settings)
    trigger = Trigger(
        id=uuid4().hex,
        kind="person",
        by=actor.name,
        proof=actor.proof,
        at=time.time(),
        reason=reason,
        source=source,
    )
    return RunInput(
        runbook=runbook,
        text=read.text,
        source=source,
        target=target,
        accept=tuple(accept or ()),
        force=force,
        trigger=trigger,
    )
