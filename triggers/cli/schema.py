"""`evac schema`: the JSON schema of runbooks, for editors and linters."""

import json

import typer

from runbooks.schema import runbook_schema
from triggers.cli.out import answer

app = typer.Typer(add_completion=False)


@app.command()
def schema() -> None:
    """Print the JSON schema of runbooks. In a runbook: `# yaml-language-server: $schema=evac.schema.json`."""
    answer(json.dumps(runbook_schema(), indent=2, ensure_ascii=False))
