"""Where home is, and who serves now: what a failback need not be told when the runbook and the regions say it."""

import asyncio

from runbooks.models import Role, Runbook
from triggers.cli.exits import Exit
from triggers.cli.out import Refusal
from worker.observe import serving


def way_home(runbook: Runbook, source: str | None, target: str | None) -> tuple[str, str]:
    """The region that serves now, and home. Raises Refusal when it must be told."""
    home = target or only(home_of(runbook), f"{runbook.name} has several homes: say --to")
    if source is not None:
        return source, home
    others = [region for region in runbook.regions if region != home]
    if len(others) > 1:
        held = asyncio.run(serving(runbook))
        others = [region for region in others if region in held] or others
    return only(others, f"it cannot be seen which region of {runbook.name} serves now: say --from"), home


def home_of(runbook: Runbook) -> list[str]:
    """The regions that serve in normal times."""
    return [name for name, region in runbook.regions.items() if region.role is Role.ACTIVE]


def only(found: list[str], otherwise: str) -> str:
    """The one region; Raises Refusal with the choice when there is not exactly one."""
    if len(found) != 1:
        raise Refusal(Exit.USAGE, f"{otherwise} {' | '.join(found)}")
    return found[0]
