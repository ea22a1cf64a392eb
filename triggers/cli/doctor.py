"""`evac doctor`: is everything there that Evac needs? Each check a sentence, with what to do next."""

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from runbooks.readiness import Grade
from runbooks.words import clean
from triggers.cli.exits import Exit
from triggers.cli.frame import BAD, DOUBTFUL, GOOD
from triggers.cli.out import Format, Output, conclude, document, leave
from triggers.cli.screen import console
from triggers.cli.session import settings, silence_core
from triggers.doctor.books import read
from triggers.doctor.findings import Case, Finding
from triggers.doctor.visit import visit

app = typer.Typer(add_completion=False)
_STYLES = {Grade.OK: GOOD, Grade.WARN: DOUBTFUL, Grade.BAD: BAD, Grade.UNKNOWN: DOUBTFUL}


@app.command()
def doctor(
    files: Annotated[list[Path] | None, typer.Argument(help="Runbook files: look at what they need, too.")] = None,
    output: Output = Format.TEXT,
) -> None:
    """Check this installation: Temporal, workers, clocks, records; and of each runbook its secrets, vantage points and
    resources. Nothing is changed, and everything is looked at from this machine.

    Warnings are code 0. Something bad is 1; a runbook that is not valid 3; Temporal out of reach 6.
    """  # noqa: D205 - the first sentence needs two lines
    silence_core()
    books, read_so = read(files or [])
    found, reached = asyncio.run(visit(Case(settings(), tuple(books))))
    findings = [*read_so, *found]
    if output is Format.JSON:
        document(
            ok=not any(finding.grade is Grade.BAD for finding in findings),
            findings=[finding.model_dump(mode="json") for finding in findings],
        )
    else:
        console(sys.stdout).print(view(findings))
        conclude(f"\n{summary(findings)}")
    leave(code_of(findings, reached=reached, valid=len(books) == len(files or [])))


def code_of(findings: list[Finding], *, reached: bool, valid: bool) -> Exit:
    """What a script must know first."""
    if not reached:
        return Exit.NO_TEMPORAL
    if not valid:
        return Exit.INVALID
    return Exit.FAILED if any(finding.grade is Grade.BAD for finding in findings) else Exit.DONE


def view(findings: list[Finding]) -> RenderableType:
    """A line or two for each, with what to do beneath it."""
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for finding in findings:
        sentence = Text(clean(finding.sentence))
        if finding.advice:
            lines = "\n".join(clean(line) for line in finding.advice.splitlines())
            sentence.append(f"\n-> {lines}", style="bold")
        table.add_row(Text(finding.grade, style=_STYLES[finding.grade]), Text(finding.check), sentence)
    return table


def summary(findings: list[Finding]) -> str:
    """How many of each."""
    counts = Counter(finding.grade for finding in findings)
    order = (Grade.BAD, Grade.WARN, Grade.UNKNOWN, Grade.OK)
    return ", ".join(f"{counts[grade]} {grade}" for grade in order if counts[grade])
