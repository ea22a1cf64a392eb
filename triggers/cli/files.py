"""Reading a runbook's file for a command that is about to use it."""

from collections.abc import Iterable
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


def read_runbooks(paths: Iterable[Path]) -> list[LoadedRunbook]:
    """The runbooks of those files, and of every `*.yaml` in those folders. Raises Refusal as for one."""
    return [
        read_runbook(path) for given in paths for path in (sorted(given.glob("*.yaml")) if given.is_dir() else [given])
    ]


def faults(count: int) -> str:
    """`1 fault`, `3 faults`."""
    return f"{count} fault{'' if count == 1 else 's'}"
