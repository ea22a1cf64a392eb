"""Reading a form of the console: what cannot be meant is said in a sentence."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pydantic import ValidationError

from triggers.errors import UnclearError


@contextmanager
def readable() -> Iterator[None]:
    """Raises UnclearError where a model refuses what the form says."""
    try:
        yield
    except ValidationError as error:
        message = f"this form cannot be read: {error.errors()[0]['msg']}"
        raise UnclearError(message) from None


def typed(form: Mapping[str, str], name: str, otherwise: str) -> None:
    """Raises UnclearError unless the name was typed: nobody does it by a slip."""
    if form.get("typed", "").strip() != name:
        message = f"{otherwise}: type {name} to confirm that you mean it"
        raise UnclearError(message)
