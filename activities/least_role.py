"""The least custom role of Azure for one runbook: what its technologies declare, and where it must be assigned. Pure.

Role    what one identity must be allowed, and at which scopes
https://learn.microsoft.com/azure/role-based-access-control/custom-roles
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from activities.azure import OnAzure
from activities.catalog import CATALOG
from runbooks.azure.access import AzureSettings
from runbooks.models import Runbook
from runbooks.reach import Asked, reach
from runbooks.references import READ_VAULT, in_vault
from runbooks.secret_refs import references

Document = dict[str, Any]


@dataclass(frozen=True)
class Role:
    """What one identity must be allowed."""

    identity: str | None
    """The client id of a managed identity; None: whoever the worker is."""
    document: Document
    """As `az role definition create` takes it."""
    scopes: tuple[str, ...]
    """Where it must be assigned: each of these, and nothing above them."""
    vaults: tuple[str, ...] = ()
    """The key vaults at which it must be assigned: references name them, and not where they are."""


@dataclass(frozen=True, order=True)
class _Whose:
    """Which role it is: an identity's own, or the one for one other place (`OnAzure.wider`)."""

    identity: str
    wider: str = ""


def roles(book: Runbook) -> tuple[Role, ...]:
    """One for each identity that the runbook's settings name, and those for a whole group or subscription.

    Nothing for a runbook that asks nothing of Azure.
    """
    actions: dict[_Whose, set[str]] = {}
    scopes: dict[_Whose, set[str]] = {}
    for asked in reach(book):
        for whose, allowed, where in _asked(asked):
            actions.setdefault(whose, set()).update(allowed)
            scopes.setdefault(whose, set()).update(where)
    found = tuple(
        Role(
            whose.identity or None,
            _document(book.name, whose, actions[whose], scopes[whose]),
            tuple(sorted(scopes[whose])),
        )
        for whose in sorted(actions)
        if actions[whose]
    )
    return (*found, *_of_vaults(book, found))


def _of_vaults(book: Runbook, others: tuple[Role, ...]) -> Iterator[Role]:
    """The one that reads the secrets of the runbook, which the worker itself is for; none without any."""
    named = (in_vault(reference) for reference in references(book))
    vaults = tuple(sorted({one.vault for one in named if one is not None}))
    if vaults:
        subscriptions = {"/".join(scope.split("/")[:3]) for other in others for scope in other.scopes}
        document = {
            **_document(book.name, _Whose("", "secrets"), {READ_VAULT}, set()),
            "AssignableScopes": sorted(subscriptions),
        }
        yield Role(None, document, (), vaults)


def _asked(asked: Asked) -> Iterator[tuple[_Whose, set[str], tuple[str, ...]]]:
    """Who asks it: as its own settings say, and as those of the other server do that it concerns."""
    row = CATALOG.get(asked.uses)
    if row is None or not issubclass(row.technology, OnAzure):
        return
    technology: Any = row.technology
    try:
        settings = technology.Settings.model_validate(asked.settings)
    except ValidationError:  # the technology could not be called so
        return
    for one in (settings, getattr(settings, "upstream", None)):
        if not isinstance(one, AzureSettings):
            continue
        identity, wider = one.identity or "", technology.wider(settings)
        narrow = set(technology.needs(settings)).difference(*wider.values())
        yield _Whose(identity), narrow, technology.scopes(settings)
        for scope, reads in wider.items():
            yield _Whose(identity, scope), set(reads), (scope,)


def _document(runbook: str, whose: _Whose, actions: set[str], scopes: set[str]) -> Document:
    # A custom role is defined for groups or whole subscriptions, and then assigned at single resources.
    definable = {"/".join(scope.split("/")[: 5 if "/resourceGroups/" in scope else 3]) for scope in scopes}
    data = sorted(action for action in actions if action.startswith("Microsoft.KeyVault/vaults/secrets/"))
    # A resource may be called as its group is.
    place = whose.wider.split("/")[-2 if "/providers/" in whose.wider else -1 :]
    name = " ".join(filter(None, ("evac", runbook, whose.identity, *place)))
    return {
        "Name": name,
        "IsCustom": True,
        "Description": f"The least that Evac needs for the runbook {runbook}.",
        "Actions": sorted(actions - set(data)),
        "NotActions": [],
        "DataActions": data,
        "NotDataActions": [],
        "AssignableScopes": sorted(definable),
    }
