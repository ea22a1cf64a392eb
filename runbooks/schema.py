"""The JSON Schema of runbooks, for editors: from the models, plus what `load.py` alone knows.

Unknown keys are refused everywhere, and the settings of a resource are those of its kind. What needs the whole
document (regions that exist, circles, shares of the traffic) is left to `evac validate`.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from runbooks.kinds import EXTRA_STEPS, KINDS, STEP_SETTINGS
from runbooks.models import Runbook
from runbooks.notices import NOTICES
from runbooks.steps import Verb
from runbooks.timetable import OPTIONS

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/"


def runbook_schema() -> Schema:
    """The schema as plain JSON; the same each time."""
    schema = Runbook.model_json_schema(ref_template=_REF + "{model}")
    definitions: Schema = schema.pop("$defs")
    for kind in KINDS.values():
        definitions.update(_definitions(kind.settings))
    for notice in NOTICES.values():
        definitions.update({notice.__name__: notice.model_json_schema(ref_template=_REF + "{model}")})
    for settings in STEP_SETTINGS.values():
        definitions.update(_whole(settings))
    _tidy([schema, definitions])
    _resource_by_kind(definitions["Resource"])
    schema["properties"]["checks"]["items"] = _check_by_kind(schema["properties"]["checks"]["items"])
    steps = definitions["ExtraStep"]
    steps["properties"]["uses"]["enum"] = list(EXTRA_STEPS)
    steps["oneOf"] = [{"required": ["after"]}, {"required": ["before"]}]
    _settings_by_technology(steps, STEP_SETTINGS)
    definitions["Notice"]["properties"]["uses"]["enum"] = list(NOTICES)
    _settings_by_technology(definitions["Notice"], NOTICES)
    _schedule_by_procedure(definitions["ScheduleRule"])
    return {"$schema": DIALECT, **schema, "title": "Evac runbook", "$defs": dict(sorted(definitions.items()))}


def _whole(model: type[BaseModel]) -> Schema:
    """The model and all that it is made of."""
    schema = model.model_json_schema(ref_template=_REF + "{model}")
    parts: Schema = schema.pop("$defs", {})
    return {**parts, model.__name__: schema}


def _definitions(model: type[BaseModel]) -> Schema:
    """The same, but nothing is required: `common` and `settings` complete one another."""
    found = _whole(model)
    found[model.__name__].pop("required", None)
    return found


def _tidy(node: Any) -> None:  # noqa: ANN401 - any part of a JSON document
    """Refuse unknown keys wherever keys are listed, and drop the bound that pydantic writes in its own language."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) or "patternProperties" in node:
            node.setdefault("additionalProperties", False)
        node.pop("ge", None)
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _tidy(inner)


def _check_by_kind(union: Schema) -> Schema:
    """if/then for each kind: an editor then says what is wrong in a check, and not that it is none of six."""
    mapping = union["discriminator"]["mapping"]
    return {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(mapping)}},
        "allOf": [{"if": _is(kind), "then": {"$ref": ref}} for kind, ref in mapping.items()],
    }


def _is(value: str, key: str = "kind") -> Schema:
    return {"properties": {key: {"const": value}}, "required": [key]}


def _schedule_by_procedure(rule: Schema) -> None:
    """Every so often or by a cron line; and each procedure takes options of its own."""
    rule["oneOf"] = [{"required": ["every"]}, {"required": ["cron"]}]
    known = sorted({name for names in OPTIONS.values() for name in names})
    rule["allOf"] = [
        {"if": _is(procedure, "run"), "then": {"properties": {name: False for name in known if name not in takes}}}
        for procedure, takes in OPTIONS.items()
    ]


def _resource_by_kind(resource: Schema) -> None:
    """`kind` decides what `common` and each region's settings take, and whether there are replicas, backups, a home."""
    resource["properties"]["kind"]["enum"] = list(KINDS)
    several = [kind.name for kind in KINDS.values() if kind.verbs == {Verb.DETECT, Verb.SCALE}]
    resource["properties"]["kinds"]["additionalProperties"] = {"enum": several}
    resource["allOf"] = []
    for kind in KINDS.values():
        settings = {"$ref": _REF + kind.settings.__name__}
        then: Schema = {"common": settings, "settings": {"additionalProperties": _regional(settings, kind.regional)}}
        if Verb.SCALE not in kind.verbs:
            then["replicas"] = {"maxProperties": 0}
        if Verb.RESTORE not in kind.verbs:
            then["backup"] = {"type": "null"}
        if not kind.holds_data:
            then["home"] = {"type": "null"}
        if kind.verbs == {Verb.DETECT, Verb.SCALE}:  # where it is of several kinds, each region's settings are its own
            of_it = {"allOf": [_is(kind.name), {"not": {"required": ["kinds"]}}]}
        else:
            of_it = _is(kind.name)
            then["kinds"] = {"maxProperties": 0}
        resource["allOf"].append({"if": of_it, "then": {"properties": then}})


def _settings_by_technology(user: Schema, models: Mapping[str, type[BaseModel]]) -> None:
    """`uses` decides what the settings take, and whether there must be any."""
    user["allOf"] = [
        {
            "if": {"properties": {"uses": {"const": uses}}, "required": ["uses"]},
            "then": {
                "properties": {"settings": {"$ref": _REF + model.__name__}},
                "required": ["settings"] if any(field.is_required() for field in model.model_fields.values()) else [],
            },
        }
        for uses, model in models.items()
    ]


def _regional(settings: Schema, names: frozenset[str] | None) -> Schema:
    if names is None:
        return settings
    return {"allOf": [settings, {"propertyNames": {"enum": sorted(names)}}]}
