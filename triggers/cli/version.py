"""`evac version`: the versions of Evac and of what decides how it behaves."""

import typer

from audit.versions import versions
from triggers.cli.out import Format, Output, answer, document
from worker.identity import release

app = typer.Typer(add_completion=False)


@app.command()
def version(output: Output = Format.TEXT) -> None:
    """Print the versions of Evac, Python, and the libraries that decide how it behaves."""
    found = versions() | {"evac": release()}
    if output is Format.JSON:
        document(versions=found)
    else:
        answer("\n".join(f"{name} {number}" for name, number in found.items()))
