"""`evac console`: who may enter the console. `evac serve` opens it."""

import sys
import time
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.table import Table

from runbooks.values import parse_seconds
from runbooks.words import day
from triggers.cli.exits import Exit
from triggers.cli.out import Format, Output, Refusal, answer, conclude, document, say
from triggers.cli.screen import console as screen
from triggers.cli.session import settings
from triggers.console.access import ConsoleRole
from triggers.console.api_tokens import ApiToken, ApiTokens, TokenError

app = typer.Typer(add_completion=False, no_args_is_help=True)
token = typer.Typer(add_completion=False, no_args_is_help=True, help="API tokens: make, list, revoke.")
app.add_typer(token, name="token")


class Role(StrEnum):
    """What a token may do: as people of that role."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    ADMIN = "admin"


@app.callback()
def console() -> None:
    """Decide who may enter the console (`evac serve`, with `console:` in its file)."""


@token.command()
def create(
    name: Annotated[str, typer.Argument(help="What decisions made with it are signed with, such as ci.")],
    role: Annotated[Role, typer.Option(help="What it may do.")],
    expires: Annotated[str, typer.Option(help="How long it counts, such as 12h or 90d.")] = "90d",
    output: Output = Format.TEXT,
) -> None:
    """Make an API token. It is shown once, and kept only as a hash.

    Run it where the server runs, with the same EVAC_HOME, and send it as `Authorization: Bearer TOKEN`.
    """
    try:
        made, text = _tokens().create(name, ConsoleRole[role.name], _lasts(expires))
    except TokenError as error:
        raise Refusal(Exit.USAGE, str(error)) from None
    if output is Format.JSON:
        document(**_shown(made), token=text)
        return
    answer(text)
    say(f"The token {made.name} ({made.id}) may what {role} may, until {day(made.expires)}. It is not shown again.")


@token.command("list")
def list_(output: Output = Format.TEXT) -> None:
    """List the tokens, with their last use to the hour."""
    try:
        found = _tokens().all()
    except TokenError as error:
        raise Refusal(Exit.FAILED, str(error)) from None
    if output is Format.JSON:
        document(tokens=[_shown(one) for one in found])
        return
    if not found:
        conclude("There are no tokens. `evac console token create NAME --role viewer` makes one.")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("ID", "NAME", "ROLE", "UNTIL", "LAST USE", "STATE"):
        table.add_column(title, overflow="fold")
    for one in found:
        used = day(one.used) if one.used is not None else "never"
        state = one.why_not(time.time()) or "counts"
        table.add_row(one.id, one.name, one.role.name.lower(), day(one.expires), used, state)
    screen(sys.stdout).print(table)


@token.command()
def revoke(which: Annotated[str, typer.Argument(metavar="NAME", help="The token's name or id.")]) -> None:
    """Make a token count no more, at once."""
    try:
        gone = _tokens().revoke(which)
    except TokenError as error:
        raise Refusal(Exit.USAGE, str(error)) from None
    conclude(f"The token {gone.name} ({gone.id}) counts no more.")


def _tokens() -> ApiTokens:
    return ApiTokens(settings().home)


def _lasts(text: str) -> float:
    try:
        seconds = parse_seconds(text)
    except ValueError as error:
        raise Refusal(Exit.USAGE, f"--expires: {error}") from None
    assert isinstance(seconds, float)
    if seconds <= 0:
        raise Refusal(Exit.USAGE, "--expires: a token must count for some time, such as 90d")
    return seconds


def _shown(one: ApiToken) -> dict[str, Any]:
    why_not = one.why_not(time.time())
    return {
        **one.model_dump(mode="json", exclude={"digest"}),
        "role": one.role.name.lower(),
        "state": why_not or "counts",
    }
