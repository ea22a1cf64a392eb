"""The way home, for a command that is not told it."""

import asyncio

from runbooks.models import Runbook
from triggers import asking
from triggers.asking import homes as home_of
from triggers.asking import only
from triggers.cli.exits import Exit
from triggers.cli.out import Refusal
from triggers.errors import UnclearError

__all__ = ["home_of", "only", "way_home"]


def way_home(runbook: Runbook, source: str | None, target: str | None) -> tuple[str, str]:
    """The region that serves now, and home. Raises Refusal when it must be told."""
    try:
        return asyncio.run(asking.way_home(runbook, source, target))
    except UnclearError as error:
        raise Refusal(Exit.USAGE, str(error)) from None
