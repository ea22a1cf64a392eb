"""From the words of a command to the input of a run."""

import time
from uuid import uuid4

from runbooks.load import LoadedRunbook
from runbooks.models import Procedure, Runbook
from runbooks.runs import RunInput, Trigger
from triggers.asking import no_such_region, run_request
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
    asked = trigger(settings, procedure, source, reason)
    more = {"target": target, "accept": tuple(accept or ()), "force": force}
    return run_request(read, asked.model_copy(update=more))


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
    why_not = no_such_region(runbook, *regions)
    if why_not is not None:
        raise Refusal(Exit.USAGE, why_not)
