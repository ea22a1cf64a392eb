"""Starting a run when one may be going: what was begun, or why not. The same words for every door."""

from runbooks.models import PLANNED, Procedure
from runbooks.runs import RunInput
from triggers.describe import way
from triggers.start import Started


def takes_over(request: RunInput, going: RunInput) -> bool:
    """A real failover takes precedence over what people chose the time of: that run goes on as the failover."""
    return request.procedure is Procedure.FAILOVER and going.procedure in PLANNED


def another(request: RunInput, started: Started, see: str = "`evac watch {name}`") -> str | None:
    """A run that does something else is not what was asked for: why it was not started, or None."""
    going = started.request
    if takes_over(request, going) or (going.procedure, going.source) == (request.procedure, request.source):
        return None
    name = going.runbook.name
    return (
        f"not started: a {going.procedure} of {name} out of {going.source} is going (asked by {going.trigger.by}), "
        f"and there is one run at a time; see {see.format(name=name)}"
    )


def beginning(request: RunInput, started: Started, see: str = "`evac watch {name}`") -> str:
    """Started or joined; joining a run that does something else is said aloud."""
    asked = started.request
    name = asked.runbook.name
    run = f"(run {started.handle.run_id})"
    if not started.joined:
        return f"started: {asked.procedure} of {name}, {way(asked)} {run}; follow it with {see.format(name=name)}"
    by = f"asked by {asked.trigger.by} {run}"
    if takes_over(request, asked):
        return f"joined: a {asked.procedure} of {name}, {way(asked)}, was going, {by}; it goes on as your failover"
    return f"joined: a {asked.procedure} of {name}, {way(asked)}, is going already, {by}; nothing else was started"
