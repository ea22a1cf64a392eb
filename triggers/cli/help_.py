"""`evac help`: the commands, or one of them with its options."""

from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command("help")
def help_(
    context: typer.Context,
    command: Annotated[str | None, typer.Argument(help="A command; none: all of them.")] = None,
) -> None:
    """Show all commands, or one command with its options: the same as `--help`."""
    above = context.parent or context
    group = above.command
    if command is None:
        typer.echo(above.get_help())
        return
    name, found, _ = group.resolve_command(above, [command])  # type: ignore[attr-defined]  # it is the group of commands
    typer.echo(found.get_help(type(context)(found, info_name=name, parent=above)))
