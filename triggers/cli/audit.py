"""`evac audit`: the records of past runs: list, show, verify, hand on, compare, keep. None of it needs a server."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from audit.account import account
from audit.account_parts import BAD, GOOD, Account, Section
from audit.bundle import BundleError
from audit.diff import Difference, diff
from audit.pending import receipt
from audit.shelf import Kept, Wanted, found, kept
from audit.verify import Checked, dumped, verify
from runbooks.runs import RunState
from triggers.cli import audit_adopt, audit_export, audit_keep, audit_record
from triggers.cli.audit_options import WHICH, Key, Record, public_key, when
from triggers.cli.exits import Exit
from triggers.cli.out import Format, Output, answer, document, leave
from triggers.cli.rows import Head, Row, listed, row
from triggers.cli.screen import console
from triggers.cli.session import settings
from triggers.cli.shapes import BY_TYPE

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Read, prove and hand on the records of past runs. None but `record` needs a server.

    EVAC_RECORDS_STORE (s3://, az://, gs://, file://): records are copied there. EVAC_SIGNING_KEY (file://, env://):
    records are signed. EVAC_RECORDS_KEEP (400d): after that `evac audit prune` removes what the store has.
    """


@app.command(name="list")
def list_(  # noqa: PLR0917 - typer knows them by name
    runbook: Annotated[str | None, typer.Option(metavar="NAME", help="Only of this runbook.")] = None,
    region: Annotated[str | None, typer.Option(metavar="NAME", help="Only out of, or into, this region.")] = None,
    outcome: Annotated[
        str | None, typer.Option(metavar="WORD", help="Only what ended so: recovered, aborted, ...")
    ] = None,
    drill: Annotated[
        bool | None, typer.Option("--drill/--real", help="Only exercises, or only what was for real.")
    ] = None,
    since: Annotated[
        float | None, typer.Option(parser=when, metavar="TIME", help="2026-11-24, or 7d for a week ago.")
    ] = None,
    until: Annotated[float | None, typer.Option(parser=when, metavar="TIME", help="As --since.")] = None,
    approver: Annotated[str | None, typer.Option(metavar="NAME", help="Only what this person approved.")] = None,
    output: Output = Format.TEXT,
) -> None:
    """List the records, newest first. What is not a run itself (readiness reports, evacuations) is listed, too."""
    records = settings().records
    wanted = Wanted(runbook, region, outcome, drill, since, until, approver)
    all_ = list(kept(records, wanted))
    if output is Format.JSON:
        document(records=[_listed_json(records, one) for one in all_])
        return
    out = console(sys.stdout)
    if not all_:
        none = "There is no such record" if wanted != Wanted() else "There are no records yet"
        out.print(f"{none} in {records}.", soft_wrap=True)
        return
    out.print(listed([_row(one) for one in all_], out.width))


@app.command()
def show(record: Record, key: Key = None, output: Output = Format.TEXT) -> None:
    """Tell what a record holds: its steps and times, who decided and how that was proved, what was lost."""
    bundle = found(settings().records, record)
    checked = verify(bundle, public_key(key))
    told = account(bundle, checked)
    if output is Format.JSON:
        measured = bundle.measured()
        document(
            record=bundle.name,
            verdict=told.verdict,
            measures=None if measured is None else measured.model_dump(mode="json"),
            sections={section.title: [list(cells) for cells in section.rows] for section in told.sections},
            verification=dumped(checked),
        )
        return
    _print(console(sys.stdout), told)


@app.command(name="verify")
def verify_(
    records: Annotated[list[str], typer.Argument(metavar="RECORD...", help=WHICH)],
    key: Key = None,
    output: Output = Format.TEXT,
) -> None:
    """Is a record as it was written? Says of every edit, cut, reorder, missing or added file where it is.

    Exit 0: all intact. 1: something was changed, or not signed by --key. 2: there is no such record.
    """
    public = public_key(key)
    where = settings().records
    all_ = [(bundle, verify(bundle, public)) for bundle in (found(where, one) for one in records)]
    if output is Format.JSON:
        document(
            records=[{"record": bundle.name, "where": bundle.where, **dumped(checked)} for bundle, checked in all_]
        )
    else:
        answer("\n".join(line for bundle, checked in all_ for line in _verified(bundle.name, checked)))
    leave(Exit.DONE if all(checked.intact for _, checked in all_) else Exit.FAILED)


audit_export.add_to(app)
audit_adopt.add_to(app)


@app.command(name="diff")
def diff_(
    one: Record,
    other: Annotated[str, typer.Argument(help="The other record.")],
    every: Annotated[bool, typer.Option("--all", help="Also what is the same.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """Lay two runs side by side: decisions, steps and their times, losses, outcome."""
    where = settings().records
    first, second = found(where, one), found(where, other)
    lines = diff(first, second)
    if output is Format.JSON:
        document(
            one=first.name,
            other=second.name,
            lines=[{**line.model_dump(mode="json"), "same": line.same} for line in lines],
        )
        return
    console(sys.stdout).print(
        _side_by_side(first.name, second.name, lines if every else [n for n in lines if not n.same])
    )


audit_keep.add_to(app)
audit_record.add_to(app)


def _row(one: Kept) -> Row:
    head = Head(one.began, one.subject, one.kind, one.outcome, one.run)
    if one.state is not None:
        return row(head, one.state)
    try:
        if one.call is not None:
            return row(head, BY_TYPE[one.kind].state.model_validate(one.call.report))
    except ValueError as error:
        return row(head, error)
    return row(head, BundleError("the record cannot be read: `evac audit verify` says why"))


def _listed_json(records: Path, one: Kept) -> dict[str, Any]:
    stored = receipt(records, one.place)
    return {
        "record": one.name,
        "path": str(records / one.place),
        "runbook": one.subject,
        "run": one.run,
        "procedure": one.kind,
        "outcome": one.outcome,
        "drill": one.drill,
        "began_at": one.began,
        "source": one.state.source if isinstance(one.state, RunState) else None,
        "target": one.state.target if isinstance(one.state, RunState) else None,
        "store": None if stored is None else stored.url,
    }


def _verified(name: str, checked: Checked) -> list[str]:
    return [f"{name}: {checked.sentence}", *(f"  {fault}" for fault in checked.faults)]


def _print(out: Console, told: Account) -> None:
    style = {GOOD: "bold green", BAD: "bold red"}.get(told.tone, "bold yellow")
    out.print(Text(told.title, style="bold"), Text(told.verdict, style=style), Text(told.summary), sep="\n")
    out.print(Text(f"This record is {told.proof}.", style="" if told.intact else "bold red"), soft_wrap=True)
    for section in told.sections:
        if section.rows or section.nothing:
            out.print()
            out.print(Text(section.title.upper(), style="bold"))
            out.print(_table(section) if section.rows else Text(section.nothing, style="dim"))


def _table(section: Section) -> Table:
    table = Table(box=None, pad_edge=False, show_header=bool(section.columns), header_style="dim")
    for title in section.columns or ("", ""):
        table.add_column(title, overflow="fold")
    for cells in section.rows:
        table.add_row(*(Text(cell, style="bold red" if cell.startswith("NO") else "") for cell in cells))
    return table


def _side_by_side(one: str, other: str, lines: list[Difference]) -> Table | Text:
    if not lines:
        return Text("They do not differ.")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("", one, other):
        table.add_column(title, overflow="fold")
    for line in lines:
        style = "" if line.same else "yellow"
        table.add_row(Text(line.what, style="dim"), Text(line.one, style=style), Text(line.other, style=style))
    return table
