"""The small values every runbook model is made of."""

import math
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from runbooks.references import SCHEMES, is_reference, why_none

_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|m|h|d)?")
_FOR_EDITORS = r"[0-9]+(\.[0-9]+)?\s*(ms|s|m|h|d)?"
_UNITS = {"ms": 0.001, "s": 1.0, None: 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Model(BaseModel):
    """A frozen value.

    Models are under replay: a history written by an older release is decoded by this one, so unknown
    fields are ignored here (`load.py` refuses them in YAML) and every new field Must have a default.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")


def parse_seconds(value: object) -> object:
    """Turn `5m`, `10s`, `500ms` or a bare number into seconds; leave anything else to pydantic."""
    if not isinstance(value, str):
        return value
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        message = f"{value!r} is not a duration: write a number and a unit, such as 500ms, 10s, 5m, 1h"
        raise ValueError(message)
    seconds = float(match["number"]) * _UNITS[match["unit"]]
    if not math.isfinite(seconds):
        message = "a duration must be finite"
        raise ValueError(message)
    return seconds


def is_secret_reference(text: str) -> bool:
    """It names a secret (`references.py`)."""
    return is_reference(text)


def is_slug(text: str) -> bool:
    """It could be the name of a runbook, a region, an endpoint."""
    return re.fullmatch(SLUG, text) is not None


def _secret_reference(value: str) -> str:
    if not is_reference(value):
        raise ValueError(why_none(value))
    return value


Seconds = Annotated[
    float,
    BeforeValidator(parse_seconds),
    Field(ge=0, json_schema_extra={"type": ["number", "string"], "minimum": 0, "pattern": f"^{_FOR_EDITORS}$"}),
]
"""A duration in seconds; in YAML `500ms`, `10s`, `5m`, `1h`, `2d`."""

SLUG = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"
Slug = Annotated[str, Field(pattern=SLUG)]
"""A name that is safe in workflow ids, file names and DNS labels."""

SecretRef = Annotated[
    str,
    AfterValidator(_secret_reference),
    Field(json_schema_extra={"pattern": f"^({'|'.join(SCHEMES)})://."}),
]
"""Where a secret is to be found (`references.py`); resolved inside the activity, at the last moment."""

Port = Annotated[int, Field(ge=1, le=65535)]

UnixTime = float
"""Seconds since 1970-01-01 UTC."""
