"""The command group: loads a command when it is called, finds plugins, and turns errors into a sentence and a code."""

import ast
import gc
import importlib
import importlib.util
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from triggers.cli.commands import COMMANDS, PLUGINS, Listed
from triggers.cli.exits import Exit
from triggers.cli.failures import explain
from triggers.cli.out import Refusal, complain

PLUGIN_GROUP = "evac.commands"


class Commands(TyperGroup):
    """Evac's own commands, and those that other packages add by the entry point group `evac.commands`."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # typer's Context is click's
        """Every name, in the order of the help."""
        del ctx
        return [listed.name for listed in _listed()]

    def get_command(self, ctx: typer.Context, cmd_name: str) -> TyperCommand | None:  # type: ignore[override]  # as above
        """A stand-in that has the name and the help line only: listing commands imports none of them."""
        del ctx
        for listed in _listed():
            if listed.name == cmd_name:
                return TyperCommand(listed.name, help=listed.help, rich_help_panel=listed.panel)
        return None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401 - click's
        """The real command of that name."""
        self.commands = {listed.name: TyperCommand(listed.name) for listed in _listed()}  # what typos are compared with
        name, _, rest = super().resolve_command(ctx, args)
        if name is None:
            return name, None, rest
        return name, _load(name), rest

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - click's
        """Run the command; end every expected error with its sentence and its code."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # typer would make it a 1, which means a failed run
            raise typer.Exit(int(Exit.PIPE_CLOSED)) from None
        except Exception as error:
            code, sentence = explain(error)
            if sentence is None:
                raise
            complain(sentence)
            if os.environ.get("EVAC_DEBUG"):
                traceback.print_exc()
            raise typer.Exit(int(code)) from None


def _load(name: str) -> Any:  # noqa: ANN401 - a command of typer's vendored click, which has no public name
    for listed in COMMANDS:
        if listed.name == name:
            module, _, attribute = listed.where.partition(":")
            with _no_garbage():
                command = get_command(getattr(importlib.import_module(module), attribute))
            command.name = name
            _fold_freely(command)
            return command
    (point,) = (point for point in _plugins() if point.name == name)
    try:
        with _no_garbage():
            command = get_command(point.load())
    except Exception as error:  # a plugin may fail in any way; it must not take the other commands with it
        sentence = f"the command {name} of {_package(point)} cannot be loaded: {type(error).__name__}: {error}"
        raise Refusal(Exit.INTERNAL, sentence) from error
    command.name = name
    return command


@contextmanager
def _no_garbage() -> Iterator[None]:
    """What is imported meanwhile is none: to look for some takes a sixth of a command's start."""
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looks:
            gc.enable()


def _fold_freely(command: Any) -> None:  # noqa: ANN401 - as above
    """Each paragraph of its help in one line: the terminal folds it where it ends, and not where our source does."""
    command.help = "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    for inner in getattr(command, "commands", {}).values():
        _fold_freely(inner)


def _listed() -> Iterator[Listed]:
    yield from COMMANDS
    for point in _plugins():
        yield Listed(point.name, point.value, PLUGINS, _first_line(point))


def _plugins() -> list[EntryPoint]:
    """The plugins whose names are free: a plugin never replaces a command of Evac's own."""
    taken = {listed.name for listed in COMMANDS}
    points = {point.name: point for point in entry_points(group=PLUGIN_GROUP) if point.name not in taken}
    return sorted(points.values(), key=lambda point: point.name)


def _first_line(point: EntryPoint) -> str:
    """The first line of the plugin module's docstring, read without running the module."""
    try:
        spec = importlib.util.find_spec(point.module)
        source = spec.loader.get_source(point.module) if spec and spec.loader else None  # type: ignore[attr-defined]  # of source loaders
        text = ast.get_docstring(ast.parse(source or "")) or ""
    except Exception as error:  # noqa: BLE001 - as in _load
        return f"Cannot be loaded: {type(error).__name__}: {error}"
    return text.strip().partition("\n")[0] or f"Added by {_package(point)}."


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.module
