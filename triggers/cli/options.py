"""The arguments and options that several commands share."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Annotated

import typer

from runbooks.values import parse_seconds
from triggers.cli.out import Format, Output


def seconds(text: str) -> float:
    """A duration as in runbooks: `30`, `30s`, `5m`."""
    try:
        return float(str(parse_seconds(text)))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def offered_names(incomplete: str) -> list[str]:
    """The names that a shell offers; only then what asks for them is loaded."""
    from triggers.cli.completing import known_names  # noqa: PLC0415 - it needs Temporal's client, and options do not

    return known_names(incomplete)


Name = Annotated[str, typer.Argument(help="The runbook's name.", autocompletion=offered_names)]
MaybeName = Annotated[
    str | None, typer.Argument(help="The runbook's name; none: all runbooks.", autocompletion=offered_names)
]
NameOrRegion = Annotated[
    str, typer.Argument(help="The runbook's name, or the region of an evacuation.", autocompletion=offered_names)
]
File = Annotated[Path, typer.Argument(help="The runbook's file.")]
Source = Annotated[str, typer.Option("--from", help="The region to leave.")]
Serving = Annotated[str, typer.Option("--from", help="The region to leave; it must be alive.")]
Target = Annotated[str | None, typer.Option("--to", help="The region to go to; none: the plan chooses.")]
Force = Annotated[bool, typer.Option("--force", help="Go on even if the region does not look down.")]
Accept = Annotated[list[str] | None, typer.Option(help="Accept by name what the plan would refuse; may be repeated.")]
Timeout = Annotated[
    float | None,
    typer.Option(parser=seconds, metavar="DURATION", help="Stop following after this time, such as 90s or 5m."),
]
Reason = Annotated[str, typer.Option(help="Why: it is kept in the run's record.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before starting. (Plans are approved apart.)")]
Wait = Annotated[
    bool,
    typer.Option("--wait/--no-wait", help="Follow it to its end, or only start it (code 8: it waits for a person)."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan, as `evac plan` does, and start nothing.")]


@dataclass(frozen=True, kw_only=True)
class Following:
    """How something is started and followed."""

    reason: Reason = ""
    wait: Wait = True
    timeout: Timeout = None
    output: Output = Format.TEXT


@dataclass(frozen=True, kw_only=True)
class Starting(Following):
    """The same for what moves a system: it can be looked at first, and is asked for."""

    dry_run: DryRun = False
    yes: Yes = False


def taking(kind: type[Following]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of that kind; the command gets them in one value, its argument `how`."""
    common = {option.name for option in fields(Following)}  # these come last in the help

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        shared = [
            inspect.Parameter(
                option.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if option.default is MISSING else option.default,
                annotation=option.type,
            )
            for option in sorted(fields(kind), key=lambda option: option.name in common)
        ]
        names = {option.name for option in shared}

        @functools.wraps(command)
        def with_options(**given: object) -> None:
            how = {name: value for name, value in given.items() if name in names}
            own = {name: value for name, value in given.items() if name not in names}
            command(**own, how=kind(**how))  # type: ignore[arg-type]  # typer has parsed each as its annotation says

        own = inspect.signature(command)
        kept = [parameter for name, parameter in own.parameters.items() if name != "how"]
        with_options.__signature__ = own.replace(parameters=[*kept, *shared])  # type: ignore[attr-defined]  # typer reads it
        return with_options

    return decorate
