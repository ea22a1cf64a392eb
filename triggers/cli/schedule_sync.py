"""`evac schedule sync`: make Temporal's schedules what the runbooks declare."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from temporalio.client import Client

from runbooks.load import LoadedRunbook
from runbooks.timetable import ScheduleRequest, options_of, timetable_of
from runbooks.timetable_changes import Change, Difference, differences
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbooks
from triggers.cli.out import Format, Output, Refusal, answer, document, say
from triggers.cli.schedule_view import differences_view
from triggers.cli.screen import console
from triggers.cli.session import at_terminal, settings, with_client
from triggers.identity import Identity, who
from triggers.schedules import delete_schedule, put_schedule, schedules
from worker.settings import Settings

_DONE = {Change.ADD: "added", Change.CHANGE: "changed", Change.SAME: "the same", Change.ORPHAN: "removed"}
_TO_DO = {Change.ADD: "to add", Change.CHANGE: "to change", Change.SAME: "the same", Change.ORPHAN: "to remove"}


@dataclass(frozen=True)
class _Found:
    """One runbook, and what differs of it."""

    read: LoadedRunbook
    differences: tuple[Difference, ...]


def sync(
    files: Annotated[list[Path], typer.Argument(help="Runbooks, or folders that hold some.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what differs, and change nothing.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Remove what these runbooks do not declare, too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before changing anything.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """Make Temporal's schedules what the runbooks declare (`schedules:`), after showing what differs.

    A schedule pins the text of the runbook that it was made with: sync again after an edit. What differs is no
    failure: a dry run ends with 0, and `same` in its JSON says whether there is something to do.
    """
    books = _books(files)
    found = with_client(lambda client, _settings: _compare(client, books))
    todo = [one for book in found for one in book.differences if _to_do(one, prune=prune)]
    if output is Format.TEXT:
        _show(found, todo, prune=prune)
    if todo and not dry_run:
        if not yes:
            _confirm(len(todo))
        actor = who(settings())
        with_client(lambda client, chosen: _apply(client, chosen, found, actor, prune=prune))
        if output is Format.TEXT:
            answer(f"synced: {_counts(todo, _DONE)}")
    if output is Format.JSON:
        document(same=not todo, applied=bool(todo) and not dry_run, schedules=[_json(one, todo) for one in _all(found)])


def _books(files: list[Path]) -> list[LoadedRunbook]:
    """The runbooks, each name once."""
    books = read_runbooks(files)
    if not books:
        raise Refusal(Exit.USAGE, f"there is no runbook in {', '.join(map(str, files))}")
    for name, times in Counter(read.runbook.name for read in books).items():
        if times > 1:
            paths = " and ".join(read.path for read in books if read.runbook.name == name)
            raise Refusal(Exit.USAGE, f"{paths} are both called {name}: which of them counts?")
    return books


async def _compare(client: Client, books: list[LoadedRunbook]) -> list[_Found]:
    return [_Found(read, differences(read.runbook, await schedules(client, read.runbook.name))) for read in books]


def _all(found: Sequence[_Found]) -> list[Difference]:
    return [one for book in found for one in book.differences]


def _to_do(one: Difference, *, prune: bool) -> bool:
    return one.change in (Change.ADD, Change.CHANGE) or (one.change is Change.ORPHAN and prune)


def _show(found: Sequence[_Found], todo: Sequence[Difference], *, prune: bool) -> None:
    every = _all(found)
    for book in found:
        if not book.differences:
            answer(f"{book.read.runbook.name}: no schedule is declared, and none is kept")
    if every:
        console(sys.stdout).print(differences_view(every))
    orphans = sum(one.change is Change.ORPHAN for one in every)
    if orphans and not prune:
        say(f"{orphans} not declared, and left alone: `--prune` removes {'it' if orphans == 1 else 'them'}")
    if not todo:
        answer("nothing to do: the schedules are what the runbooks declare")
    else:
        answer(_counts(todo, _TO_DO))


def _counts(todo: Sequence[Difference], words: dict[Change, str]) -> str:
    counts = Counter(one.change for one in todo)
    return ", ".join(f"{counts[change]} {words[change]}" for change in Change if counts[change])


def _confirm(count: int) -> None:
    """Raises Refusal unless a person says yes."""
    if not at_terminal():
        raise Refusal(Exit.USAGE, "say --yes to change the schedules (or --dry-run): nobody can be asked here")
    if not typer.confirm(f"Change {'it' if count == 1 else 'them'}?", default=False, err=True):
        raise Refusal(Exit.REFUSED, "nothing was changed")


async def _apply(client: Client, chosen: Settings, found: Sequence[_Found], actor: Identity, *, prune: bool) -> None:
    for book in found:
        for one in book.differences:
            if not _to_do(one, prune=prune):
                continue
            if one.declared is None:
                await delete_schedule(client, one.runbook, one.procedure)
                continue
            request = ScheduleRequest(
                procedure=one.procedure,
                runbook=book.read.runbook,
                text=book.read.text,
                timetable=timetable_of(one.declared),
                options=options_of(one.declared),
                by=actor.name,
                proof=actor.proof,
            )
            await put_schedule(client, chosen, request)


def _json(one: Difference, todo: Sequence[Difference]) -> dict[str, Any]:
    return {**one.model_dump(mode="json"), "to_do": one in todo}
