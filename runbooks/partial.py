"""A faulty document with every broken part replaced by a harmless stand-in, so that the rest can still be checked.

"Every fault at once" needs this: the rules read a whole `Runbook`, and one misspelt key must not hide what is
wrong elsewhere. What was replaced is told, so that no rule complains of a stand-in.
"""

import json
from collections.abc import Iterable, Mapping

from pydantic import JsonValue, ValidationError

from runbooks.anatomy import inside
from runbooks.faults import DocumentPath, Finding
from runbooks.models import Runbook

_SECTIONS = ("regions", "resources", "checks", "steps", "notify", "triggers", "schedules")
_REQUIRED: dict[str, JsonValue] = {
    "evac": 1,
    "name": "stand-in",
    "objectives": {"rto": 1, "rpo": 1},
    "regions": {"a": {"role": "active", "traffic": 100}, "b": {"role": "standby", "traffic": 0}},
    "resources": {"a": {"kind": "process"}},
}
_ENTRIES: dict[str, JsonValue] = {
    "regions": {"role": "standby", "traffic": 0},
    "resources": {"kind": ""},
    "checks": {"kind": "tcp", "host": "stand-in", "port": 1},
    "steps": {"name": "stand-in", "uses": "stand-in"},
    "notify": {"uses": "stand-in"},
    "triggers": {"alert": "any", "match": {"stand-in": "stand-in"}, "from": "{region}"},
    "schedules": {"run": "readiness", "every": 3600},
}


def mended(
    data: Mapping[str, JsonValue], findings: Iterable[Finding]
) -> tuple[Runbook, tuple[DocumentPath, ...]] | None:
    """The runbook with stand-ins, and the paths of what was replaced; None when too little of it is left."""
    copy: dict[str, JsonValue] = json.loads(json.dumps(data))
    broken: set[DocumentPath] = set()
    for finding in findings:
        if finding.on_key and _drop(copy, finding.path):
            broken.update([finding.meant] if finding.meant else [])
            continue
        part = _part(copy, finding)
        broken.add(part)
        _replace(copy, part)
    try:
        return Runbook.model_validate_json(json.dumps(copy), strict=True), tuple(sorted(broken, key=str))
    except ValidationError:
        return None


def _drop(data: dict[str, JsonValue], path: DocumentPath) -> bool:
    """Take an unknown key away; False when it is no key that can be missed, such as the name of a region."""
    node: JsonValue = data
    for part in path[:-1]:
        node = inside(node, part)
    is_entry = len(path) == 2 and path[0] in _SECTIONS  # noqa: PLR2004 - section and entry
    if is_entry or not isinstance(node, dict):
        return False
    node.pop(str(path[-1]), None)
    return True


def _part(data: dict[str, JsonValue], finding: Finding) -> DocumentPath:
    """The smallest part that can be replaced: an entry of a section, else the whole section."""
    path = finding.path
    section = data.get(str(path[0])) if path else None
    if len(path) < 2 or finding.on_key or path[0] not in _SECTIONS or inside(section, path[1]) is None:  # noqa: PLR2004 - section and entry
        return path[:1]
    return path[:2]


def _replace(data: dict[str, JsonValue], part: DocumentPath) -> None:
    section = str(part[0]) if part else ""
    holder = data.get(section)
    if len(part) == 1 or holder is None:
        data.pop(section, None)
        if section in _REQUIRED:
            data[section] = _REQUIRED[section]
        return
    entry = _ENTRIES[section]
    if section == "resources":
        entry = _what_fits(inside(holder, part[1]))
    if isinstance(holder, dict):
        holder[str(part[1])] = entry
    elif isinstance(holder, list) and isinstance(part[1], int):
        holder[part[1]] = entry


def _what_fits(resource: JsonValue) -> JsonValue:
    """A resource keeps its kind, since others refer to it."""
    kind = resource.get("kind") if isinstance(resource, dict) else None
    return {"kind": kind if isinstance(kind, str) else ""}
