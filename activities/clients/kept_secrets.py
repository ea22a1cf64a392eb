"""What secrets of all clouds share: one key of a text that is a JSON object, and sentences that name the reference."""

import json
from collections.abc import Callable
from typing import Protocol

from activities.errors import NoSecretError, StepError
from runbooks.steps import ErrorType


class Reference(Protocol):
    """What names a secret (`runbooks/references.py`)."""

    @property
    def reference(self) -> str:
        """As the runbook has it."""
        ...

    @property
    def key(self) -> str | None:
        """One key of a JSON object; None: the whole text."""
        ...


def had(secret: Reference, ask: Callable[[], str]) -> str:
    """What `ask` gives, or one key of it. Raises NoSecretError, which names the reference, and never a value."""
    try:
        text = ask()
    except StepError as error:
        raise NoSecretError(error.kind, _named(secret, error.sentence), error.evidence) from None
    return text if secret.key is None else _member(secret, secret.key, text)


def _member(secret: Reference, key: str, text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NoSecretError(ErrorType.BAD_SETTINGS, _named(secret, "It is no JSON object, so it has no keys."))
    if key not in found:
        raise NoSecretError(ErrorType.BAD_SETTINGS, _named(secret, f"It has no key {key}: look which it has."))
    value = found[key]
    return value if isinstance(value, str) else json.dumps(value)


def _named(secret: Reference, sentence: str) -> str:
    return f"The secret {secret.reference} cannot be used on this worker. {sentence}"
