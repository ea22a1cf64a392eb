"""The arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from runbooks.values import parse_seconds


def _seconds(text: str) -> float:
    """`30`, `30s`, `5m`: as in runbooks."""
    try:
        return float(str(parse_seconds(text)))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


File = Annotated[Path, typer.Argument(help="The runbook's file.")]
Source = Annotated[str, typer.Option("--from", help="The region to leave.")]
Target = Annotated[str | None, typer.Option("--to", help="The region to go to; none: the plan chooses.")]
Accept = Annotated[list[str] | None, typer.Option(help="Accept by name what the plan would refuse; may be repeated.")]
Timeout = Annotated[
    float | None,
    typer.Option(parser=_seconds, metavar="DURATION", help="Stop following after this time, such as 90s or 5m."),
]
