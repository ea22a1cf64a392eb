"""Secrets are names (`runbooks/references.py`) until the last moment, and are struck out of whatever comes back."""

import asyncio
import os
import time
from pathlib import Path
from typing import overload

from pydantic import JsonValue, SecretStr

from activities.clients import aws_secrets, azure_secrets
from activities.errors import NoSecretError
from runbooks.references import in_vault, is_remote, on_aws, why_none
from runbooks.secret_refs import texts
from runbooks.steps import ErrorType

_STRUCK_OUT = "[secret]"
_SHORTEST_STRUCK = 4
"""A shorter secret would strike out parts of ordinary words, and protects nothing anyway."""


def resolve(reference: str) -> SecretStr:
    """The secret behind a reference. Raises NoSecretError naming the reference, never holding a value.

    One of a cloud is asked for over the network, for seconds at most: in a coroutine, use `Secrets.prepare`.
    """
    scheme, _, rest = reference.partition("://")
    if scheme == "env":
        value = os.environ.get(rest)
        if value is None:
            raise _missing(reference, f"set the environment variable {rest} where this worker is started")
    elif scheme == "file":
        value = _read(reference, Path(rest))
    elif (on_it := on_aws(reference)) is not None:
        value = aws_secrets.fetch(on_it)
    elif (inside := in_vault(reference)) is not None:
        value = azure_secrets.fetch(inside)
    else:
        unnamed = "of an unknown kind"  # perhaps it is the secret itself, so it is not repeated
        raise _missing(unnamed, why_none(reference))
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


def _missing(reference: str, advice: str) -> NoSecretError:
    return NoSecretError(ErrorType.BAD_SETTINGS, f"The secret {reference} cannot be used on this worker: {advice}.")


_REMEMBERED: dict[str, tuple[float, SecretStr]] = {}
_SECONDS = 30.0
"""So long a detector, which looks every second, goes on with what a cloud said: it is asked, and paid, by the call."""


async def _had(reference: str, within: float, *, fresh: bool) -> SecretStr | NoSecretError:
    at, secret = _REMEMBERED.get(reference, (0.0, None))
    if secret is not None and not fresh and time.monotonic() - at < _SECONDS:
        return secret
    try:
        async with asyncio.timeout(within):
            secret = await asyncio.to_thread(resolve, reference)
    except TimeoutError:
        sentence = f"The secret {reference} cannot be used on this worker: no answer within {within:g} s."
        return NoSecretError(ErrorType.TIMED_OUT, sentence)
    except NoSecretError as error:
        return error
    _REMEMBERED[reference] = (time.monotonic(), secret)
    return secret


class Secrets:
    """The secrets that one call has used, so that they can be struck out of its answer."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._had: dict[str, SecretStr | NoSecretError] = {}

    async def prepare(self, settings: JsonValue, within: float, *, fresh: bool = True) -> None:
        """Ask clouds for the secrets that the settings refer to, all at once, beside the event loop.

        One that cannot be had is an error only for who reveals it. Not `fresh`: it may be some seconds old.
        """
        wanted = {text for text in texts(settings) if is_remote(text)} - set(self._had)
        had = await asyncio.gather(*(_had(reference, within, fresh=fresh) for reference in wanted))
        self._had.update(zip(wanted, had, strict=True))

    @overload
    def reveal(self, reference: str) -> str: ...

    @overload
    def reveal(self, reference: None) -> None: ...

    def reveal(self, reference: str | None) -> str | None:
        """The secret's value for a client library; None for None. Raises StepError as `resolve`."""
        if reference is None:
            return None
        had = self._had.get(reference)
        if isinstance(had, NoSecretError):
            raise had
        value = (had or resolve(reference)).get_secret_value()
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
