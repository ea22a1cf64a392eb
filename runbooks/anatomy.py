"""Which model describes which place of a document, so that a fault can name the keys that are known there."""

import types
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue

from runbooks.faults import DocumentPath

_UNIONS = (Union, types.UnionType)


def known_keys(model: type[BaseModel], path: DocumentPath, data: JsonValue) -> tuple[str, ...]:
    """The keys of the mapping at `path` inside `data` that `model` describes; empty when it takes any key."""
    found = _at(model, path, data)
    return tuple(field.alias or name for name, field in found.model_fields.items()) if found is not None else ()


def _at(kind: Any, path: DocumentPath, data: JsonValue) -> type[BaseModel] | None:  # noqa: ANN401 - annotations have no common type
    if get_origin(kind) is Annotated:
        return _at(get_args(kind)[0], path, data)
    if get_origin(kind) in _UNIONS:
        return _member(get_args(kind), path, data)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if not path:
            return kind
        described = kind.model_fields.get(str(path[0]))
        return None if described is None else _at(described.annotation, path[1:], inside(data, path[0]))
    if not path or get_origin(kind) not in (dict, tuple):
        return None
    inner = get_args(kind)[1] if get_origin(kind) is dict else get_args(kind)[0]
    return _at(inner, path[1:], inside(data, path[0]))


def _member(kinds: Sequence[Any], path: DocumentPath, data: JsonValue) -> type[BaseModel] | None:
    """The member of a union that the data say they are (`kind`), or the only one that there can be."""
    tag = data.get("kind") if isinstance(data, dict) else None
    bare = [get_args(kind)[0] if get_origin(kind) is Annotated else kind for kind in kinds]
    models = [kind for kind in bare if isinstance(kind, type) and issubclass(kind, BaseModel)]
    for model in models:
        described = model.model_fields.get("kind")
        if described is None or (get_origin(described.annotation) is Literal and tag in get_args(described.annotation)):
            return _at(model, path, data)
    return None


def inside(data: JsonValue, part: str | int) -> JsonValue:
    """What the mapping or list holds there; None for nothing."""
    if isinstance(data, dict):
        return data.get(str(part))
    if isinstance(data, list) and isinstance(part, int) and part < len(data):
        return data[part]
    return None
