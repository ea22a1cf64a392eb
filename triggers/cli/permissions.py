"""`evac permissions`: what a worker must be allowed in a cloud, for exactly one runbook."""

import json
from typing import Annotated

import typer

from activities.least_policy import MOST, Policy, policies
from activities.least_role import Role, roles
from triggers.cli.exits import Exit
from triggers.cli.files import read_runbook
from triggers.cli.options import File
from triggers.cli.out import Refusal, answer, conclude, say

_HELP = "Print the least that a worker must be allowed, for exactly one runbook."
app = typer.Typer(no_args_is_help=True, help=_HELP, add_completion=False)

Plain = Annotated[bool, typer.Option("--json", help="One policy document, as IAM takes it, and nothing else.")]
PlainRoles = Annotated[
    bool,
    typer.Option(
        "--json", help="A list of `assign_at`, `assign_at_vaults` and `role` (as `az role definition create` takes it)."
    ),
]
OfRole = Annotated[
    str | None, typer.Option("--role", metavar="ARN", help="Only this role's.  [default with --json: the worker's own]")
]
Trusting = Annotated[
    str | None,
    typer.Option("--role-trust", metavar="ARN", help="Each role's trust policy, too, for a worker that is this."),
]

_OWN = "The worker's own identity"


@app.callback()
def permissions() -> None:
    """Print the least that a worker must be allowed, for exactly one runbook."""


@app.command()
def aws(file: File, *, plain: Plain = False, role: OfRole = None, trust: Trusting = None) -> None:
    """Write the least IAM policy: every action that some procedure of the runbook can need, on what it names alone.

    One policy for the worker itself, and one for each role that the runbook's settings take on. Nothing is contacted.
    """
    read = read_runbook(file)
    found = policies(read.runbook)
    known = {one.role: one for one in found}
    if role is not None and role not in known:
        roles = ", ".join(one for one in known if one) or "none"
        raise Refusal(Exit.USAGE, f"{read.runbook.name} takes on no role {role}; its roles: {roles}")
    shown = [known[role]] if role is not None else [one for one in found if one.role is None] if plain else list(found)
    for one in found:
        if one.size > MOST:
            most = f"a managed policy has at most {MOST}"
            say(f"{_whose(one)}: {one.size} characters, and {most}: make several of its statements.")
    if plain:
        _plain(shown, trust)
        return
    if not found:
        conclude(f"{read.runbook.name} asks nothing of AWS.")
    for one in shown:
        answer(f"# {_whose(one)}\n{_text(one.document)}")
        if trust is not None and one.role is not None:
            answer(f"# The trust policy of {one.role}\n{_text(one.trust(trust))}")


@app.command()
def azure(file: File, *, plain: PlainRoles = False) -> None:
    """Write the least custom roles, and the resources at which to assign each: nothing above them.

    One for each identity that the runbook's settings name, and those that only read where no resource can be named (a
    subscription's quotas). Nothing is contacted.
    """
    read = read_runbook(file)
    found = roles(read.runbook)
    if plain:
        answer(_text([{"assign_at": one.scopes, **_vaults(one), "role": one.document} for one in found]))
        return
    if not found:
        conclude(f"{read.runbook.name} asks nothing of Azure.")
    for one in found:
        whose = _OWN if one.identity is None else f"The managed identity {one.identity}"
        vaults = (f"`az keyvault show --name {vault} --query id --output tsv`" for vault in one.vaults)
        where = "\n".join(f"# {scope}" for scope in (*one.scopes, *vaults))
        answer(f"# {whose}; assign the role at:\n{where}\n{_text(one.document)}")


def _vaults(role: Role) -> dict[str, tuple[str, ...]]:
    """Key vaults at which to assign it, by their names: where they are, a runbook does not say."""
    return {"assign_at_vaults": role.vaults} if role.vaults else {}


def _plain(shown: list[Policy], trust: str | None) -> None:
    one = shown[0] if shown else None
    if trust is not None:
        if one is None or one.role is None:
            raise Refusal(Exit.USAGE, "with --json, --role-trust needs --role: one document is written")
        answer(_text(one.trust(trust)))
        return
    answer(_text(one.document if one is not None else {"Version": "2012-10-17", "Statement": []}))


def _whose(one: Policy) -> str:
    return one.role or _OWN


def _text(document: object) -> str:
    return json.dumps(document, indent=2)
