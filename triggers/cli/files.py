"""Reading a runbook's file for a command that is about to use it."""

from pathlib import Path

from runbooks.faults import RunbookError
from runbooks.load import LoadedRunbook, load
from triggers.cli.exits import Exit
from triggers.cli.out import Refusal, say


def read_runbook(path: Path) -> LoadedRunbook:
    """The runbook. Raises Refusal after saying every fault with its place."""
    try:
        return load(path)
    except RunbookError as error:
        for fault in error.faults:
            say(str(fault))
        raise Refusal(Exit.INVALID, f"{path} cannot be used: {faults(len(error.faults))}; nothing was done") from None


def faults(count: int) -> str:
    """`1 fault`, `3 faults`."""
    return f"{count} fault{'' if count == 1 else 's'}"
