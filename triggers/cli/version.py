"""`evac version`: the versions of Evac and of what decides how it behaves."""

import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of

import typer

from triggers.cli.out import Format, Output, answer, document
from worker.identity import release

app = typer.Typer(add_completion=False)
_STANDS_ON = ("temporalio", "pydantic")


@app.command()
def version(output: Output = Format.TEXT) -> None:
    """Print the versions of Evac, Python, and the libraries that decide how it behaves."""
    found = {"evac": release(), "python": platform.python_version()}
    found |= {name: _version(name) for name in _STANDS_ON}
    if output is Format.JSON:
        document(versions=found)
    else:
        answer("\n".join(f"{name} {number}" for name, number in found.items()))


def _version(name: str) -> str:
    try:
        return version_of(name)
    except PackageNotFoundError:
        return "not installed"
