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
    """The runbooks of those files, and of every one in those folders. Raises Refusal as for one."""
    return [read_runbook(path) for path in runbook_files(paths)]


def runbook_files(paths: Iterable[Path]) -> list[Path]:
    """Those files, and every `*.yaml` and `*.yml` in those folders: an evacuation must not leave one out unsaid."""
    return [path for given in paths for path in (_inside(given) if given.is_dir() else [given])]


def _inside(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"})


def faults(count: int) -> str:
    """`1 fault`, `3 faults`."""
    return f"{count} fault{'' if count == 1 else 's'}"
