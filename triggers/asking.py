"""From what a person asked for, at whichever door, to the input of a run. "Why not" is a sentence, or None."""

from collections.abc import Iterable

from runbooks.evacuation import Book
from runbooks.load import LoadedRunbook
from runbooks.models import Role, Runbook
from runbooks.runs import RunInput, Trigger
from triggers.errors import UnclearError
from worker.observe import serving


def run_request(read: LoadedRunbook, trigger: Trigger) -> RunInput:
    """The input of the run that the trigger asks for."""
    return RunInput(
        runbook=read.runbook,
        text=read.text,
        procedure=trigger.procedure,
        source=trigger.source,
        target=trigger.target,
        accept=trigger.accept,
        force=trigger.force,
        trigger=trigger,
    )


def no_such_region(runbook: Runbook, *regions: str | None) -> str | None:
    """Why one of these regions cannot be meant."""
    for region in regions:
        if region is not None and region not in runbook.regions:
            return f"{runbook.name} has no region {region}: its regions are {', '.join(runbook.regions)}"
    return None


def books_in(region: str, read: Iterable[LoadedRunbook]) -> tuple[Book, ...]:
    """The runbooks that have the region."""
    return tuple(Book(runbook=one.runbook, text=one.text) for one in read if region in one.runbook.regions)


def homes(runbook: Runbook) -> list[str]:
    """The regions that serve in normal times."""
    return [name for name, region in runbook.regions.items() if region.role is Role.ACTIVE]


def only(found: list[str], otherwise: str) -> str:
    """The one region; Raises UnclearError with the choice when there is not exactly one."""
    if len(found) != 1:
        message = f"{otherwise} {' | '.join(found)}"
        raise UnclearError(message)
    return found[0]


async def way_home(runbook: Runbook, source: str | None, target: str | None) -> tuple[str, str]:
    """The region that serves now, and home. Raises UnclearError when it must be told."""
    home = target or only(homes(runbook), f"{runbook.name} has several homes: say --to")
    if source is not None:
        return source, home
    others = [region for region in runbook.regions if region != home]
    if len(others) > 1:
        held = await serving(runbook)
        others = [region for region in others if region in held] or others
    return only(others, f"it cannot be seen which region of {runbook.name} serves now: say --from"), home
