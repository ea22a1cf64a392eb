"""Every secret that a runbook refers to, wherever it stands in it. Only the references: there are no values."""

from collections.abc import Iterator

from pydantic import JsonValue

from runbooks.models import Runbook
from runbooks.values import is_secret_reference


def references(runbook: Runbook) -> tuple[str, ...]:
    """Each reference once, sorted."""
    document: JsonValue = runbook.model_dump(mode="json")
    return tuple(sorted({text for text in texts(document) if is_secret_reference(text)}))


def texts(value: JsonValue) -> Iterator[str]:
    """Every text in it, keys aside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
