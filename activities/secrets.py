"""Secrets are names (`env://NAME`, `file:///path`) until the last moment, and are struck out of whatever comes back."""

import os
from pathlib import Path
from typing import overload

from pydantic import JsonValue, SecretStr

from activities.errors import StepError
from runbooks.steps import ErrorType

_STRUCK_OUT = "[secret]"
_SHORTEST_STRUCK = 4
"""A shorter secret would strike out parts of ordinary words, and protects nothing anyway."""


def resolve(reference: str) -> SecretStr:
    """The secret behind a reference. Raises StepError (bad-settings) naming the reference, never holding a value."""
    scheme, _, rest = reference.partition("://")
    if scheme == "env":
        value = os.environ.get(rest)
        if value is None:
            raise _missing(reference, f"set the environment variable {rest} where this worker is started")
    elif scheme == "file":
        value = _read(reference, Path(rest))
    else:
        unnamed = "of an unknown kind"  # perhaps it is the secret itself, so it is not repeated
        raise _missing(unnamed, "a reference is env://NAME or file:///path")
    if not value:
        raise _missing(reference, "it is there but empty: put the secret in it")
    return SecretStr(value)


def _read(reference: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except FileNotFoundError:
        raise _missing(reference, "make that file on this worker's machine") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _missing(reference, f"the file cannot be read ({type(error).__name__}): check its permissions") from None


def _missing(reference: str, advice: str) -> StepError:
    return StepError(ErrorType.BAD_SETTINGS, f"The secret {reference} cannot be used on this worker: {advice}.")


class Secrets:
    """The secrets that one call has used, so that they can be struck out of its answer."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    @overload
    def reveal(self, reference: str) -> str: ...

    @overload
    def reveal(self, reference: None) -> None: ...

    def reveal(self, reference: str | None) -> str | None:
        """The secret's value for a client library; None for None. Raises StepError as `resolve`."""
        if reference is None:
            return None
        value = resolve(reference).get_secret_value()
        if len(value) >= _SHORTEST_STRUCK:
            self._used.add(value)
        return value

    def strike_text(self, text: str) -> str:
        """The text with every used secret replaced."""
        for value in self._used:
            text = text.replace(value, _STRUCK_OUT)
        return text

    def strike(self, value: JsonValue) -> JsonValue:
        """The same JSON with every used secret replaced, in keys too."""
        if isinstance(value, str):
            return self.strike_text(value)
        if isinstance(value, list):
            return [self.strike(item) for item in value]
        if isinstance(value, dict):
            return {self.strike_text(key): self.strike(item) for key, item in value.items()}
        return value
