"""The arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from runbooks.values import parse_seconds


def seconds(text: str) -> float:
    """A duration as in runbooks: `30`, `30s`, `5m`."""
    try:
        return float(str(parse_seconds(text)))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


File = Annotated[Path, typer.Argument(help="The runbook's file.")]
Source = Annotated[str, typer.Option("--from", help="The region to leave.")]
Serving = Annotated[str, typer.Option("--from", help="The region to leave; it must be alive.")]
Target = Annotated[str | None, typer.Option("--to", help="The region to go to; none: the plan chooses.")]
Accept = Annotated[list[str] | None, typer.Option(help="Accept by name what the plan would refuse; may be repeated.")]
Timeout = Annotated[
    float | None,
    typer.Option(parser=seconds, metavar="DURATION", help="Stop following after this time, such as 90s or 5m."),
]
Reason = Annotated[str, typer.Option(help="Why: it is kept in the run's record.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before starting. (Plans are approved apart.)")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the run to its end, or only start it.")]
