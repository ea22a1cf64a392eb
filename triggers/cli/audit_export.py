"""`evac audit report` and `evac audit export`: a record for somebody who has no Evac."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from audit.account import account
from audit.bundle import Bundle
from audit.pack import packed
from audit.page import page
from audit.pdf import EXTRA, pdf
from audit.sheet import sheet
from audit.shelf import found
from audit.verify import dumped, verify
from triggers.cli.audit_options import Key, Record, public_key
from triggers.cli.exits import Exit
from triggers.cli.out import Refusal, answer
from triggers.cli.session import settings


class Form(StrEnum):
    """What a record can be written as."""

    TAR = "tar"
    CSV = "csv"
    JSON = "json"
    HTML = "html"
    PDF = "pdf"


class Pages(StrEnum):
    """What a report can be written as."""

    HTML = "html"
    PDF = "pdf"


_ENDINGS = {Form.TAR: ".tar.gz"}
_CALLED = {**{form.value: form for form in Form}, "htm": Form.HTML, "gz": Form.TAR, "tgz": Form.TAR}
To = Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is stdout. None: beside you.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(report)
    app.command()(export)


def report(
    record: Record,
    form: Annotated[
        Pages | None, typer.Option("--format", "-f", help="A page, or a PDF. None: as FILE is called, or html.")
    ] = None,
    to: To = "",
    key: Key = None,
) -> None:
    """Write a report for auditors: who, what, when, why, promised and measured, what was lost, and the proof.

    The page is one file: it loads nothing, runs no script, prints, and is the same whenever it is made.
    """
    pages = form or (Pages.PDF if _as_called(to) is Form.PDF else Pages.HTML)
    _write(record, Form(pages), to, key)


def export(
    record: Record,
    form: Annotated[
        Form | None,
        typer.Option(
            "--format", "-f", help="tar: the record itself; csv: its journal. None: as FILE is called, or tar."
        ),
    ] = None,
    to: To = "",
    key: Key = None,
) -> None:
    """Write a record as one file. A tar can be verified, shown and compared as the record itself can."""
    _write(record, form or _as_called(to) or Form.TAR, to, key)


def _as_called(to: str) -> Form | None:
    """What the file's name says that is in it; None when it says nothing."""
    return _CALLED.get(Path(to).suffix.lower().removeprefix("."))


def _write(record: str, form: Form, to: str, key: Path | None) -> None:
    bundle = found(settings().records, record)
    content = _content(bundle, form, public_key(key))
    if to == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return
    path = Path(to or f"{bundle.name}{_ENDINGS.get(form, f'.{form}')}")
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Refusal(Exit.USAGE, f"{path} cannot be written: {error.strerror}") from None
    answer(f"wrote {path}")


def _content(bundle: Bundle, form: Form, key: str | None) -> bytes:
    if form is Form.TAR:
        return packed(bundle)
    if form is Form.CSV:
        return sheet(bundle).encode()
    checked = verify(bundle, key)
    if form is Form.JSON:
        return _document(bundle, dumped(checked)).encode()
    told = account(bundle, checked)
    if form is Form.HTML:
        return page(told).encode()
    try:
        return pdf(told)
    except ModuleNotFoundError:
        raise Refusal(Exit.USAGE, EXTRA) from None


def _document(bundle: Bundle, verification: dict[str, Any]) -> str:
    """Everything but Temporal's history, which is in the tar."""
    state, told, measured = bundle.state(), bundle.report(), bundle.measured()
    parts = {
        "record": bundle.name,
        "verification": verification,
        "measures": None if measured is None else measured.model_dump(mode="json"),
        "state": None if state is None else state.model_dump(mode="json"),
        "report": None if told is None else told.model_dump(mode="json"),
        "journal": [entry.model_dump(mode="json") for entry in bundle.journal()],
    }
    return json.dumps({"evac": 1, **parts}, ensure_ascii=False, indent=2) + "\n"
