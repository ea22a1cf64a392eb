"""A plan of Terraform as a value: what it would change, what of that was approved, and a digest that travels.

A plan file lives on one worker. What is approved is the set of changes: for each resource what is done to it, with
hashes of what it is before and becomes. A value that is known only after the apply (the id of something new) is named
and left open. https://developer.hashicorp.com/terraform/internals/json-format#change-representation
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from runbooks.values import Model

_SHOWN = 40
"""So many resources, and attributes of one, are shown; the rest is counted."""
_SIGNS = {"create": "+", "update": "~", "delete": "-", "replace": "-/+", "forget": "x", "import": "<-"}
_NOTHING = frozenset({"no-op", "read"})
_LONG = 60


class Change(Model):
    """What is done to one resource, or output. `known` leaves `unknown` attributes out."""

    do: str
    unknown: tuple[str, ...] = ()
    before: str = ""
    known: str = ""


class Approved(Model):
    """The set of changes that people were shown."""

    digest: str
    changes: dict[str, Change] = {}


class Changes(Model):
    """What a plan would do, by address."""

    changes: dict[str, Change] = {}
    lines: tuple[str, ...] = ()
    """One for each resource: what is done, and what becomes of each attribute that is no secret."""
    after: dict[str, dict[str, JsonValue]] = {}
    """Never leaves the worker: it may hold secrets."""
    variables: tuple[str, ...] = ()

    @property
    def resources(self) -> tuple[str, ...]:
        """The addresses of what is changed."""
        return tuple(address for address in self.changes if not address.startswith("output."))

    @property
    def destroyed(self) -> tuple[str, ...]:
        """The addresses of what would be deleted or replaced."""
        return tuple(address for address, change in self.changes.items() if change.do in ("delete", "replace"))

    @property
    def digest(self) -> str:
        """SHA-256 of the whole set."""
        return _hash({address: change.model_dump(mode="json") for address, change in sorted(self.changes.items())})

    def approved(self) -> Approved:
        """The set as it is approved."""
        return Approved(digest=self.digest, changes=self.changes)

    def beyond(self, approved: Approved) -> tuple[str, ...]:
        """A sentence for each change that was not approved so; a part of what was approved is within it."""
        if self.digest == approved.digest:
            return ()
        found = ((address, self._differs(address, approved.changes.get(address))) for address in self.changes)
        return tuple(f"{address}: {why}" for address, why in found if why)

    def summary(self) -> str:
        """`2 to create, 1 to change`; "nothing to change"."""
        words = {"create": "create", "update": "change", "delete": "delete", "replace": "replace"}
        doing = [self.changes[address].do for address in self.resources]
        counts = {
            word: sum(words.get(do, do) == word for do in doing)
            for word in dict.fromkeys(words.get(d, d) for d in doing)
        }
        told = ", ".join(f"{count} to {word}" for word, count in counts.items())
        outputs = len(self.changes) - len(self.resources)
        more = f"{outputs} output{'' if outputs == 1 else 's'} to change" if outputs else ""
        return ", ".join(filter(None, (told, more))) or "nothing to change"

    def _differs(self, address: str, approved: Change | None) -> str:
        mine = self.changes[address]
        if approved is None:
            return f"to {mine.do}, which was not shown"
        if mine.do != approved.do:
            return f"to {mine.do}, and to {approved.do} was shown"
        if mine.before != approved.before:
            return "it was changed by somebody else since"
        if _known(self.after[address], approved.unknown) != approved.known:
            return "it would become something else than was shown"
        return ""


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
            before="" if before is None else _hash(before),
            known=_known(after[address], unknown),
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


def _known(after: Mapping[str, JsonValue], unknown: tuple[str, ...]) -> str:
    """A null is the same as nothing: what becomes known appears where nothing was."""
    return _hash({name: value for name, value in after.items() if name not in unknown and value is not None})


def _hash(value: Any) -> str:  # noqa: ANN401 - JSON
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


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
