"""A plan of Terraform as a value (`approving.py`): a plan file lives on one worker, and its changes travel.

https://developer.hashicorp.com/terraform/internals/json-format#change-representation
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from activities.approving import Change, hashed, known
from activities.approving import Changes as AnyChanges

_SHOWN = 40
"""So many resources, and attributes of one, are shown; the rest is counted."""
_SIGNS = {"create": "+", "update": "~", "delete": "-", "replace": "-/+", "forget": "x", "import": "<-"}
_NOTHING = frozenset({"no-op", "read"})
_LONG = 60


class Changes(AnyChanges):
    """What a plan would do, by address."""

    variables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planned:
    """A plan file, and what it would do. `sha256` is of the file: only that file is applied."""

    changes: Changes
    outputs: dict[str, JsonValue]
    """As they would be, but for the sensitive ones."""
    file: Path = Path()
    sha256: str = ""
    drift: tuple[str, ...] = ()
    """Of a plan that only refreshes: what is not as it was applied."""
    notes: tuple[str, ...] = ()
    """What else the approver should know: what it costs."""
    given: Mapping[str, JsonValue] = field(default_factory=dict)
    """The variables besides those of the settings."""


def changes_in(plan: Mapping[str, Any]) -> Changes:
    """The changes of `terraform show -json`; what is only read, or stays, is none."""
    changes: dict[str, Change] = {}
    after: dict[str, dict[str, JsonValue]] = {}
    lines = []
    told = [(one["address"], one["change"], one.get("deposed")) for one in plan.get("resource_changes", ())]
    told += [(f"output.{name}", change, None) for name, change in plan.get("output_changes", {}).items()]
    for place, change, deposed in told:
        address = f"{place} (deposed {deposed})" if deposed else place
        do = _doing(change["actions"], importing="importing" in change)
        if do in _NOTHING:
            continue
        after[address] = _mapping(change.get("after"))
        unknown = _unknown(change.get("after_unknown"))
        before = change.get("before")
        changes[address] = Change(
            do=do,
            unknown=unknown,
            before="" if before is None else hashed(before),
            known=known(after[address], unknown),
        )
        lines.append(_line(address, do, change, unknown))
    hidden = len(lines) - _SHOWN
    shown = (*lines[:_SHOWN], *([f"... and {hidden} more"] if hidden > 0 else []))
    return Changes(changes=changes, lines=shown, after=after, variables=tuple(plan.get("variables", ())))


def drift_in(plan: Mapping[str, Any]) -> tuple[str, ...]:
    """What a refreshing plan found changed behind Terraform's back, in words: resources, and what outputs tell."""
    told = [(one["address"], one["change"]) for one in plan.get("resource_drift", ())]
    told += [(f"output.{name}", change) for name, change in plan.get("output_changes", {}).items()]
    doing = [(address, _doing(change["actions"], importing=False), change) for address, change in told]
    return tuple(_line(address, do, change, ()) for address, do, change in doing if do not in _NOTHING)


def _doing(actions: list[str], *, importing: bool) -> str:
    if len(actions) > 1:
        return "replace"
    return "import" if importing and actions == ["no-op"] else actions[0]


def _mapping(value: Any) -> dict[str, JsonValue]:  # noqa: ANN401 - JSON
    return value if isinstance(value, dict) else {"": value}


def _unknown(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - JSON
    """The attributes that hold anything that is not known before the apply."""
    if value is True:
        return ("",)
    return tuple(sorted(name for name, part in value.items() if _any(part))) if isinstance(value, dict) else ()


def _any(mark: Any) -> bool:  # noqa: ANN401 - JSON
    if isinstance(mark, dict | list):
        return any(_any(part) for part in (mark.values() if isinstance(mark, dict) else mark))
    return bool(mark)


def _line(address: str, do: str, change: Mapping[str, Any], unknown: tuple[str, ...]) -> str:
    """`~ aws_autoscaling_group.llm: desired_capacity 2 -> 5`."""
    before, after = _mapping(change.get("before")), _mapping(change.get("after"))
    secret = {*_unknown(change.get("before_sensitive")), *_unknown(change.get("after_sensitive"))}
    told = []
    for name in sorted({*before, *after, *unknown}) if do in ("update", "replace") else ():
        if before.get(name) == after.get(name) and name not in unknown:
            continue
        what = "a secret" if name in secret or "" in secret else None
        old, new = (
            what or _short(before.get(name)),
            "known after apply" if name in unknown else what or _short(after.get(name)),
        )
        told.append(f"{name or 'value'} {old} -> {new}")
    more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return f"{_SIGNS.get(do, do)} {address}" + (f": {'; '.join(told[:_SHOWN])}{more}" if told else "")


def _short(value: Any) -> str:  # noqa: ANN401 - JSON
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."
