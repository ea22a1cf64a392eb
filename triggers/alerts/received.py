"""What came in at an endpoint, and how an alert is made of it: bounded and clean, whatever the sender wrote.

UnreadableError    the body is not what the endpoint's source sends; the sentence says why
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from itertools import islice
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from runbooks.alerts import Alert, AlertStatus
from runbooks.faults import dotted, plain, sentence_of
from triggers.alerts.endpoints import Endpoint

M = TypeVar("M", bound=BaseModel)

_LABELS = 64
_NAME = 64
_VALUE = 300
_URL = 2000
_FARTHEST = 1e15
_MILLISECONDS = 1e11
"""Greater numbers are Unix times in milliseconds: as seconds they would be in the year 5138."""


class UnreadableError(ValueError):
    """Not a body of that source."""


@dataclass(frozen=True)
class Received:
    """One request to an endpoint. Header names are lower-case."""

    endpoint: Endpoint
    body: bytes
    at: float
    headers: Mapping[str, str]
    query: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the body, in hex."""
        return hashlib.sha256(self.body).hexdigest()

    def alert(  # noqa: PLR0913 - an alert has as many parts
        self,
        *,
        key: str,
        delivery: str,
        status: AlertStatus,
        at: float,
        title: str = "",
        severity: str = "",
        region: str = "",
        labels: Mapping[str, str] | None = None,
        url: str = "",
    ) -> Alert:
        """The alert, with every text bounded and on one line. Raises UnreadableError when nothing identifies it."""
        if not key:
            message = "nothing in it says which alert it is"
            raise UnreadableError(message)
        kept = {plain(name, _NAME): plain(value, _VALUE) for name, value in islice((labels or {}).items(), _LABELS)}
        return Alert(
            source=self.endpoint.source,
            name=self.endpoint.name,
            key=_identity(key),
            delivery=_identity(delivery),
            status=status,
            at=at,
            received_at=self.at,
            title=plain(title, _VALUE),
            severity=plain(severity, _NAME),
            region=plain(region, _NAME),
            labels=kept,
            url=plain(url, _URL) if url.startswith(("https://", "http://")) and len(url) <= _URL else "",
            digest=self.digest,
        )


def _identity(text: str) -> str:
    """The text itself, if it is short and clean; else its digest: two must never become one by being cut."""
    return text if text == plain(text, _VALUE) else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_as(model: type[M], body: bytes | str) -> M:
    """The JSON as that model, strictly. Raises UnreadableError with the first reason why not."""
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        message = f"the body is no JSON: {first['ctx']['error']}"
    elif first["type"] == "missing":
        message = f"`{dotted(first['loc'])}` is missing"
    else:
        message = f"`{dotted(first['loc'])}` is not as expected: {first['msg']}"
    raise UnreadableError(sentence_of(message))


def moment(text: str, otherwise: float) -> float:
    """A time as ISO 8601 or as e-mail writes it; `otherwise` for nothing. Raises UnreadableError."""
    if not text:
        return otherwise
    try:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        message = f"`{plain(text)}` is no time"
        raise UnreadableError(message) from None


def moment_of(value: JsonValue, otherwise: float) -> float:
    """A time in any of the forms that sources use: a text, or Unix time in seconds or milliseconds."""
    if isinstance(value, str) and value.strip().isdecimal():
        value = float(value.strip())
    if isinstance(value, str):
        return moment(value, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _FARTHEST:
        return otherwise
    return float(value) / 1000 if value > _MILLISECONDS else float(value)


def texts(values: Mapping[str, JsonValue]) -> dict[str, str]:
    """Of a mapping what fits into labels: texts, numbers and yes or no."""
    found = {name: value for name, value in values.items() if isinstance(value, str | int | float)}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in found.items()}
