"""What a model refuses, in plain words: pydantic's errors as findings at places of the document."""

import json
import re
from collections.abc import Container, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from runbooks.anatomy import inside, known_keys
from runbooks.faults import DocumentPath, Finding, did_you_mean, dotted, nearest, plain, sentence_of
from runbooks.values import SLUG

M = TypeVar("M", bound=BaseModel)

_NAMED = re.compile(r"'([^']*)'")
_TYPES = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number",
    "float_type": "a duration such as 500ms, 10s, 5m, 1h",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}
_KEY = "[key]"


def fit(model: type[M], data: Mapping[str, JsonValue], base: DocumentPath = ()) -> tuple[M | None, list[Finding]]:
    """The data as that model, read strictly, or every reason why not. `base` is where the data stand.

    As JSON, since that is what pydantic's strict reading takes tuples and enumerations from.
    """
    try:
        return model.model_validate_json(
            json.dumps(data), strict=True, extra="forbid", by_alias=True, by_name=False
        ), []
    except ValidationError as error:
        return None, _findings(error, model, dict(data), base)


def _findings(
    error: ValidationError, model: type[BaseModel], data: dict[str, JsonValue], base: DocumentPath
) -> list[Finding]:
    found: dict[DocumentPath, Finding] = {}
    for item in error.errors(include_url=False):
        detail: dict[str, Any] = dict(item)
        path, on_key = _place(detail, data)
        finding = _finding(detail, path, model, data, base, on_key=on_key)
        found.setdefault((*finding.path, on_key), finding)  # a union refuses once for each member: one is enough
    return list(found.values())


def _place(detail: Mapping[str, Any], data: dict[str, JsonValue]) -> tuple[DocumentPath, bool]:
    """Where in the data the error is: its location without the marks that pydantic adds for unions and keys."""
    path: DocumentPath = ()
    node: JsonValue = data
    location = detail["loc"]
    for index, part in enumerate(location):
        if part == _KEY:
            return path, True
        if isinstance(node, dict) and part == node.get("kind") and path[:1] == ("checks",) and len(path) == index == 2:  # noqa: PLR2004 - the tag is the third part
            continue
        if isinstance(node, dict) and part in node:
            node = node[str(part)]
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            node = node[part]
        elif detail["type"] == "missing" and index == len(location) - 1:
            return (*path, part), False
        else:
            continue
        path = (*path, part)
    return path, detail["type"] == "extra_forbidden"


def _finding(  # noqa: PLR0913 - one error, and all that is known around it
    detail: Mapping[str, Any],
    path: DocumentPath,
    model: type[BaseModel],
    data: dict[str, JsonValue],
    base: DocumentPath,
    *,
    on_key: bool,
) -> Finding:
    full = (*base, *path)
    if detail["type"] == "extra_forbidden":
        return _unknown_key(full, known_keys(model, path[:-1], data), _siblings(data, path))
    if detail["type"].startswith("union_tag"):
        return _unknown_tag(detail, full)
    if detail["type"] == "missing":
        return Finding(full, sentence_of(f"{dotted(full)} is missing"))
    if detail["type"] == "value_error":
        return Finding(full, sentence_of(f"{dotted(full)}: {detail['ctx']['error']}"), on_key=on_key)
    return Finding(full, sentence_of(f"{dotted(full)} {_complaint(detail)}"), on_key=on_key)


def _siblings(data: JsonValue, path: DocumentPath) -> Container[str]:
    node = data
    for part in path[:-1]:
        node = inside(node, part)
    return node if isinstance(node, dict) else ()


def _unknown_key(full: DocumentPath, known: tuple[str, ...], siblings: Container[str]) -> Finding:
    word = str(full[-1])
    sentence = f"unknown key `{plain(word)}` in {dotted(full[:-1])}{did_you_mean(word, known)}"
    near = nearest(word, known)
    meant = None if near is None or near in siblings else (*full[:-1], near)
    return Finding(full, sentence_of(sentence), on_key=True, meant=meant)


def _unknown_tag(detail: Mapping[str, Any], full: DocumentPath) -> Finding:
    full = (*full, "kind")
    if detail["type"] == "union_tag_not_found":
        return Finding(full, f"{dotted(full)} is missing")
    context = detail["ctx"]
    hint = did_you_mean(str(context["tag"]), _NAMED.findall(context["expected_tags"]))
    return Finding(full, sentence_of(f"{dotted(full)} `{plain(str(context['tag']))}` is unknown{hint}"))


def _complaint(detail: Mapping[str, Any]) -> str:
    """What is wrong with the value. It is told by its type only, since it may be a secret in the wrong place."""
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if value is None:
        return f"is empty; it must be {_TYPES.get(kind, 'given')}"
    if kind in _TYPES:
        return f"must be {_TYPES[kind]}, not {_type_of(value)}"
    if kind in ("enum", "literal_error"):
        return _choice(context["expected"], value)
    if kind == "string_pattern_mismatch" and context.get("pattern") != SLUG:
        return f"must match {context.get('pattern')}, and `{plain(str(value))}` does not"
    if kind == "string_pattern_mismatch":
        return f"must be 1 to 64 lower-case letters, digits and inner hyphens, not `{plain(str(value))}`"
    if kind == "greater_than_equal":
        return f"must be at least {context['ge']:g}, not {value}"
    if kind == "less_than_equal":
        return f"must be at most {context['le']:g}, not {value}"
    if kind == "too_short":
        return f"must hold at least {context['min_length']}, not {context['actual_length']}"
    return f"is refused: {detail['msg']}"


def _choice(expected: str, value: object) -> str:
    names = _NAMED.findall(expected)
    shown = f"`{plain(value)}`" if isinstance(value, str) else _type_of(value)
    hint = did_you_mean(str(value), names) if isinstance(value, str) else ""
    hint = hint if hint.endswith("?") else ""
    if not names:
        return f"must be the number {expected}, not {_type_of(value)}"
    return f"must be one of {', '.join(names)}, not {shown}{hint}"


def _type_of(value: object) -> str:
    if isinstance(value, bool):
        return f"{value}".lower()
    if isinstance(value, str):
        return "a text"
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list) else "a mapping"
