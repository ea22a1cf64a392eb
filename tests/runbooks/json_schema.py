"""A judge for the keywords of JSON Schema that the runbook's schema uses; a keyword that it lacks is a KeyError."""

import re
from collections.abc import Callable
from typing import Any

Rule = Callable[["Judge", Any, Any, dict[str, Any]], bool]

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
    "boolean": (bool,),
}
SILENT = frozenset({"title", "description", "default", "$schema", "$defs", "then"})


class Judge:
    """Judges values by one schema."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root

    def accepts(self, value: Any, schema: Any = None) -> bool:
        """Whether the value is valid under the schema (the whole one when none is given)."""
        schema = self.root if schema is None else schema
        if isinstance(schema, bool):
            return schema
        return all(KEYWORDS[key](self, value, schema[key], schema) for key in schema if key not in SILENT)


def _is(value: Any, names: str | list[str]) -> bool:
    wanted = [names] if isinstance(names, str) else names
    if isinstance(value, bool):  # which Python takes for a number
        return "boolean" in wanted
    return any(isinstance(value, TYPES[name]) for name in wanted)


def _each(kind: type, judge: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Judged by this only when the value is of that type."""
    return lambda value: not isinstance(value, kind) or judge(value)


def _others(value: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    patterns = schema.get("patternProperties", {})
    return [k for k in value if k not in schema.get("properties", {}) and not any(re.search(p, k) for p in patterns)]


KEYWORDS: dict[str, Rule] = {
    "$ref": lambda j, v, rule, _: j.accepts(v, j.root["$defs"][rule.removeprefix("#/$defs/")]),
    "type": lambda _j, v, rule, _: _is(v, rule),
    "enum": lambda _j, v, rule, _: v in rule,
    "const": lambda _j, v, rule, _: bool(v == rule),
    "pattern": lambda _j, v, rule, _: _each(str, lambda text: re.search(rule, text) is not None)(v),
    "minimum": lambda _j, v, rule, _: not _is(v, "number") or v >= rule,
    "maximum": lambda _j, v, rule, _: not _is(v, "number") or v <= rule,
    "minLength": lambda _j, v, rule, _: _each(str, lambda text: len(text) >= rule)(v),
    "maxLength": lambda _j, v, rule, _: _each(str, lambda text: len(text) <= rule)(v),
    "maxItems": lambda _j, v, rule, _: _each(list, lambda items: len(items) <= rule)(v),
    "exclusiveMinimum": lambda _j, v, rule, _: not _is(v, "number") or v > rule,
    "exclusiveMaximum": lambda _j, v, rule, _: not _is(v, "number") or v < rule,
    "minItems": lambda _j, v, rule, _: _each(list, lambda items: len(items) >= rule)(v),
    "minProperties": lambda _j, v, rule, _: _each(dict, lambda keys: len(keys) >= rule)(v),
    "maxProperties": lambda _j, v, rule, _: _each(dict, lambda keys: len(keys) <= rule)(v),
    "required": lambda _j, v, rule, _: _each(dict, lambda keys: all(key in keys for key in rule))(v),
    "items": lambda j, v, rule, _: _each(list, lambda items: all(j.accepts(item, rule) for item in items))(v),
    "properties": lambda j, v, rule, _: _each(
        dict, lambda keys: all(j.accepts(keys[key], rule[key]) for key in rule if key in keys)
    )(v),
    "patternProperties": lambda j, v, rule, _: _each(
        dict, lambda keys: all(j.accepts(keys[k], rule[p]) for p in rule for k in keys if re.search(p, k))
    )(v),
    "propertyNames": lambda j, v, rule, _: _each(dict, lambda keys: all(j.accepts(key, rule) for key in keys))(v),
    "additionalProperties": lambda j, v, rule, schema: _each(
        dict, lambda keys: all(j.accepts(keys[key], rule) for key in _others(keys, schema))
    )(v),
    "allOf": lambda j, v, rule, _: all(j.accepts(v, inner) for inner in rule),
    "not": lambda j, v, rule, _: not j.accepts(v, rule),
    "anyOf": lambda j, v, rule, _: any(j.accepts(v, inner) for inner in rule),
    "oneOf": lambda j, v, rule, _: sum(j.accepts(v, inner) for inner in rule) == 1,
    "if": lambda j, v, rule, schema: not j.accepts(v, rule) or j.accepts(v, schema["then"]),
}
