"""What the API server keeps: things with versions, merged by patches, refused as the real one refuses."""

import copy
import itertools
from typing import Any

Thing = dict[str, Any]
Key = tuple[str, str, str, str]
"""Group and version, plural, namespace, name."""

KINDS = {
    ("apps/v1", "deployments"): "Deployment",
    ("apps/v1", "statefulsets"): "StatefulSet",
    ("autoscaling/v2", "horizontalpodautoscalers"): "HorizontalPodAutoscaler",
    ("leaderworkerset.x-k8s.io/v1", "leaderworkersets"): "LeaderWorkerSet",
    ("v1", "pods"): "Pod",
}
SCALED = frozenset({"deployments", "statefulsets", "leaderworkersets"})


class Refused(Exception):  # noqa: N818 - an answer of the server, and no error of ours
    """An answer that is a `Status`."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message


class Things:
    """The store. Every change has a new version; a change of `spec` a new generation."""

    def __init__(self) -> None:
        self._versions = itertools.count(1000)
        self.all: dict[Key, Thing] = {}

    def put(self, key: Key, thing: Thing) -> Thing:
        """Make it, whole."""
        made = {"apiVersion": key[0], "kind": KINDS[key[0], key[1]], **copy.deepcopy(thing)}
        made["metadata"] = {"name": key[3], "namespace": key[2], "generation": 1, **made.get("metadata", {})}
        made["metadata"]["resourceVersion"] = str(next(self._versions))
        self.all[key] = made
        return made

    def find(self, key: Key) -> Thing:
        """It, or 404."""
        if key not in self.all:
            raise Refused(404, "NotFound", f'{qualified(key)} "{key[3]}" not found')
        return self.all[key]

    def list(self, api: str, plural: str, namespace: str) -> list[Thing]:
        """All of a kind in a namespace."""
        return [thing for key, thing in sorted(self.all.items()) if key[:3] == (api, plural, namespace)]

    def merge(self, key: Key, changes: Thing) -> Thing:
        """A merge patch (RFC 7386); 409 when it names another version, 422 when the outcome is nonsense."""
        thing, asked = self.find(key), changes.get("metadata", {})
        version = asked.get("resourceVersion")
        if version is not None and version != thing["metadata"]["resourceVersion"]:
            message = (
                f'Operation cannot be fulfilled on {qualified(key)} "{key[3]}": the object has been modified; '
                "please apply your changes to the latest version and try again"
            )
            raise Refused(409, "Conflict", message)
        merged = _merged(thing, changes)
        _check(key, merged)
        if merged == thing:
            return thing  # nothing has changed: the real one keeps the version, too
        if merged.get("spec") != thing.get("spec"):
            merged["metadata"]["generation"] = thing["metadata"]["generation"] + 1
        merged["metadata"]["resourceVersion"] = str(next(self._versions))
        self.all[key] = merged
        return merged


def qualified(key: Key) -> str:
    """`deployments.apps`, as messages call it."""
    group = key[0].rpartition("/")[0]
    return f"{key[1]}.{group}" if group else key[1]


def _merged(thing: Thing, changes: Thing) -> Thing:
    merged = copy.deepcopy(thing)
    for name, value in changes.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            inner = merged.get(name)
            merged[name] = _merged(inner if isinstance(inner, dict) else {}, value)
        else:
            merged[name] = copy.deepcopy(value)
    return merged


def _check(key: Key, thing: Thing) -> None:
    spec = thing["spec"]
    for value in thing["metadata"].get("annotations", {}).values():
        if not isinstance(value, str):
            raise Refused(400, "BadRequest", "json: cannot unmarshal number into Go struct field of type string")
    if key[1] in SCALED and (not isinstance(spec.get("replicas"), int) or spec["replicas"] < 0):
        _invalid(key, f"spec.replicas: Invalid value: {spec.get('replicas')}: must be greater than or equal to 0")
    if key[1] == "horizontalpodautoscalers":
        if spec.get("minReplicas", 1) < 1:
            _invalid(key, f"spec.minReplicas: Invalid value: {spec['minReplicas']}: must be greater than or equal to 1")
        if spec["maxReplicas"] < spec.get("minReplicas", 1):
            said = f"spec.maxReplicas: Invalid value: {spec['maxReplicas']}"
            _invalid(key, f"{said}: must be greater than or equal to `minReplicas`")


def _invalid(key: Key, message: str) -> None:
    raise Refused(
        422, "Invalid", f'{KINDS[key[0], key[1]]}.{key[0].rpartition("/")[0]} "{key[3]}" is invalid: {message}'
    )
