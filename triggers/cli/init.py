"""`evac init`: write a first runbook, by questions, or by options where nobody can be asked."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from runbooks.load import loads
from runbooks.starter import first_runbook
from runbooks.starter_questions import Question, answers, questions
from triggers.cli.exits import Exit
from triggers.cli.out import Format, Output, Refusal, answer, document, say
from triggers.cli.session import settings
from triggers.identity import who

app = typer.Typer(add_completion=False)
_Some = list[str] | None


def _option(name: str, text: str) -> Any:  # noqa: ANN401 - what typer makes of it
    return typer.Option(name, help=text, show_default=False)


@app.command()
def init(
    file: Annotated[Path | None, typer.Argument(help="Where to write it; none: NAME.yaml here.")] = None,
    *,
    name: Annotated[str | None, _option("--name", "What the system is called.")] = None,
    region: Annotated[_Some, _option("--region", "A region; the first is home. Repeat it.")] = None,
    serving: Annotated[str | None, _option("--serving", "active-standby or active-active.")] = None,
    service: Annotated[str | None, _option("--service", "What the service runs on, or none.")] = None,
    database: Annotated[_Some, _option("--database", "KIND or KIND:NAME, or none. Repeat it.")] = None,
    cache: Annotated[_Some, _option("--cache", "As --database.")] = None,
    queue: Annotated[_Some, _option("--queue", "As --database.")] = None,
    public_name: Annotated[
        str | None, _option("--public-name", "NAME or KIND:NAME that clients ask for, or none.")
    ] = None,
    rto: Annotated[str | None, _option("--rto", "How long it may be down, such as 5m.")] = None,
    rpo: Annotated[str | None, _option("--rpo", "How much of the writes may be lost, such as 30s.")] = None,
    owner: Annotated[_Some, _option("--owner", "Who owns it. Repeat it.")] = None,
    approver: Annotated[_Some, _option("--approver", "Who may approve, or none: anyone. Repeat it.")] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing: take the default of the rest.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    output: Output = Format.TEXT,
) -> None:
    """Write a first runbook with comments, valid as it stands, and say what comes next.

    Every question can be answered by an option; a list by repeating it, or with commas.
    """
    given = {
        "name": name,
        "regions": region,
        "serving": serving,
        "service": service,
        "database": database,
        "cache": cache,
        "queue": queue,
        "public_name": public_name,
        "rto": rto,
        "rpo": rpo,
        "owners": owner,
        "approvers": approver,
    }
    if file is not None:
        _refuse_to_overwrite(file, force=force)
    texts = {
        key: ",".join(text) if isinstance(text, list) else text for key, text in given.items() if text not in (None, [])
    }
    told = answers(_answered(texts, defaults=defaults))
    path = file or Path(f"{told.name}.yaml")
    _refuse_to_overwrite(path, force=force)
    text = first_runbook(told)
    loads(text, str(path))  # what is written is valid: a fault here is ours, and better said now
    _write(path, text)
    _next(path, told.name, output)


def _refuse_to_overwrite(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        raise Refusal(Exit.USAGE, f"{path} is there already: name another file, or say --force to write over it")


def _answered(texts: Mapping[str, str], *, defaults: bool) -> dict[str, Any]:
    """Every question's answer. Raises Refusal when nobody can be asked, and for an option that is wrong."""
    asked = questions(who(settings()).name)
    missing = [question.option for question in asked if question.key not in texts]
    if missing and not defaults and not sys.stdin.isatty():
        message = f"nobody can be asked here: give {', '.join(missing)}, or --defaults for all of these"
        raise Refusal(Exit.USAGE, message)
    known: dict[str, Any] = {}
    for question in asked:
        if question.key in texts or defaults:
            known[question.key] = _parsed(question, texts.get(question.key, question.default(known)), known)
        else:
            known[question.key] = _ask(question, known)
    return known


def _parsed(question: Question, text: str, known: Mapping[str, Any]) -> Any:  # noqa: ANN401 - each has its own type
    try:
        return question.parse(text.strip(), known)
    except ValueError as error:
        raise Refusal(Exit.USAGE, f"{question.option}: {error}") from None


def _ask(question: Question, known: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
    while True:
        said = typer.prompt(question.text, default=question.default(known), err=True)
        try:
            return question.parse(str(said).strip(), known)
        except ValueError as error:
            say(f"  {error}")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refusal(Exit.USAGE, f"{path} cannot be written: {error.strerror or error}") from None


def _next(path: Path, name: str, output: Format) -> None:
    """What was written, and the three commands that come next."""
    commands = {
        f"evac validate {path}": "every fault at once, and what makes it weaker",
        "evac worker --embedded": "in a second terminal: a server, and a worker",
        f"evac doctor {path}": "what is missing: secrets, workers, vantage points",
    }
    if output is Format.JSON:
        document(file=str(path), runbook=name, next=list(commands))
        return
    wide = max(map(len, commands))
    lines = [f"written: {path}. Put your own hosts in where it says example.com, then:", ""]
    lines += [f"  {command:<{wide}}  # {why}" for command, why in commands.items()]
    answer("\n".join(lines))
