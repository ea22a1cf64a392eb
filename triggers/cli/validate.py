"""`evac validate`: check runbook files, and say every fault at once with its place."""

from pathlib import Path
from typing import Annotated, Any

import typer

from runbooks.faults import Fault, RunbookError, dotted
from runbooks.load import load
from triggers.cli.exits import Exit
from triggers.cli.files import faults, runbook_files
from triggers.cli.out import Format, Output, Refusal, answer, document

app = typer.Typer(add_completion=False)


@app.command()
def validate(
    files: Annotated[list[Path], typer.Argument(help="Runbooks, or folders that hold some.")],
    output: Output = Format.TEXT,
) -> None:
    """Check runbook files: every fault at once, as `file:line:column: sentence`. Nothing is contacted."""
    checked = [_check(file) for file in runbook_files(files)]
    if not checked:
        raise Refusal(Exit.USAGE, f"there is no runbook in {', '.join(map(str, files))}")
    if output is Format.JSON:
        document(files=[_json(*one) for one in checked])
    else:
        answer("\n".join(line for one in checked for line in _lines(*one)))
    broken = [(file, found) for file, found, _ in checked if found]
    if broken:
        total = sum(len(found) for _, found in broken)
        raise Refusal(Exit.INVALID, f"{faults(total)} in {len(broken)} of {len(checked)} file(s)")


def _check(file: Path) -> tuple[Path, tuple[Fault, ...], tuple[Fault, ...]]:
    """The file's faults and its notes."""
    try:
        return file, (), tuple(load(file).notes)
    except RunbookError as error:
        return file, error.faults, ()


def _lines(file: Path, found: tuple[Fault, ...], notes: tuple[Fault, ...]) -> list[str]:
    if found:
        return [str(fault) for fault in found]
    return [f"{file}: valid", *(f"{note} (a note, no fault)" for note in notes)]


def _json(file: Path, found: tuple[Fault, ...], notes: tuple[Fault, ...]) -> dict[str, Any]:
    return {
        "file": str(file),
        "valid": not found,
        "faults": [_fault(fault) for fault in found],
        "notes": [_fault(note) for note in notes],
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {"line": fault.line, "column": fault.column, "path": dotted(fault.path), "sentence": fault.sentence}
