"""What Azure says that a deployment would change (what-if), as a value. Pure.

https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-what-if
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import JsonValue

from activities.approving import Change, Changes, hashed, known

_DOING = {"Create": "create", "Delete": "delete", "Modify": "update", "Deploy": "deploy", "Unsupported": "deploy"}
"""Deploy, and what what-if cannot judge: it is sent again, and nobody knows what that changes."""
_SIGNS = {"create": "+", "update": "~", "delete": "-", "deploy": "!"}
_SHOWN = 40
"""So many resources, and properties of one, are shown; the rest is counted."""
_LONG = 60


def changes_of(answer: Mapping[str, Any], made_of: str, secrets: Collection[str]) -> Changes:
    """The changes of what-if's answer; what stays, or is not the template's, is none.

    `made_of` is the hash of template and parameters: it is a part of what each resource becomes. `secrets` are never
    shown.
    """
    changes: dict[str, Change] = {}
    after: dict[str, dict[str, JsonValue]] = {}
    lines = []
    for one in (answer.get("properties") or {}).get("changes") or ():
        do = _DOING.get(one["changeType"])
        if do is None:
            continue
        address = str(one["resourceId"]).rpartition("/providers/")[2]
        after[address] = {"after": one.get("after"), "made_of": made_of}
        before = one.get("before")
        changes[address] = Change(
            do=do, before="" if before is None else hashed(before), known=known(after[address], ())
        )
        lines.append(_line(address, do, one, secrets))
    hidden = len(lines) - _SHOWN
    shown = (*lines[:_SHOWN], *([f"... and {hidden} more"] if hidden > 0 else []))
    return Changes(changes=changes, lines=shown, after=after)


def _line(address: str, do: str, change: Mapping[str, Any], secrets: Collection[str]) -> str:
    """`~ Microsoft.Compute/virtualMachineScaleSets/llm: sku.capacity 2 -> 5`."""
    if do == "deploy":
        why = change.get("unsupportedReason") or "Azure cannot tell what of it would change"
        return f"{_SIGNS[do]} {address}: {str(why).rstrip('.')}"
    told = list(_told(change.get("delta") or (), "", secrets)) if do == "update" else []
    more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return f"{_SIGNS[do]} {address}" + (f": {'; '.join(told[:_SHOWN])}{more}" if told else "")


def _told(delta: Any, above: str, secrets: Collection[str]) -> Iterator[str]:  # noqa: ANN401 - JSON
    for one in delta:
        if one["propertyChangeType"] == "NoEffect":
            continue
        path = f"{above}.{one['path']}" if above else str(one["path"])
        if one.get("children"):
            yield from _told(one["children"], path, secrets)
        else:
            yield f"{path} {_short(one.get('before'), secrets)} -> {_short(one.get('after'), secrets)}"


def _short(value: Any, secrets: Collection[str]) -> str:  # noqa: ANN401 - JSON
    text = json.dumps(value, ensure_ascii=False)
    if any(secret in text for secret in secrets):
        return "a secret"
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."
