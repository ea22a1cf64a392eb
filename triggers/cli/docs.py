"""`evac docs`: the procedures of a runbook as a document, for people who audit them."""

import sys
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from activities.catalog import CATALOG
from runbooks.paper.html import html
from runbooks.paper.markdown import markdown
from runbooks.paper.planned import Bounds, Manual, Practice
from runbooks.paper.procedure import procedure_paper
from runbooks.paper.words import first_line
from runbooks.plan import Step
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbook
from triggers.cli.options import File
from triggers.cli.out import Refusal, say
from workflows.retries import patience

app = typer.Typer(add_completion=False)


class Kind(StrEnum):
    """How the document is written."""

    MARKDOWN = "md"
    HTML = "html"


@app.command()
def docs(
    file: File,
    *,
    kind: Annotated[
        Kind | None, typer.Option("--format", "-f", help="md or html.  [default: as the file is called, else md]")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", metavar="FILE", help="Write it there; none: to stdout.")] = None,
) -> None:
    """Write down what the system is, how a failure is recognised, who decides, and every plan with all of its steps.

    The plans are made by the planner, as if all were well; nothing is contacted. The HTML is one page that needs
    nothing from elsewhere: open it, print it, attach it.
    """
    read = read_runbook(file)
    paper = procedure_paper(read.runbook, manual())
    text = html(paper) if (kind or _as_called(out)) is Kind.HTML else markdown(paper)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refusal(Exit.USAGE, f"{out} cannot be written: {error.strerror or error}") from None
    say(f"written: {out}")


def _as_called(out: Path | None) -> Kind:
    return Kind.HTML if out is not None and out.suffix.lower() in (".html", ".htm") else Kind.MARKDOWN


def manual() -> Manual:
    """What the code says of its technologies, and the table of retries."""
    practices = {
        uses: Practice(does=first_line(row.technology), permissions=row.permissions) for uses, row in CATALOG.items()
    }
    return Manual(practices=practices, bounds=_bounds, release=version("evac"))


def _bounds(step: Step) -> Bounds:
    found = patience(step)
    return Bounds(tries=found.tries, attempt=found.attempt.total_seconds())
