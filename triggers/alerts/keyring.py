"""The secrets of the endpoints: references, resolved at the start, now and then, and when one did not fit.

MissingSecretsError    some cannot be resolved at the start; the sentence names each and says what to do
"""

import hmac
import logging
import time
from collections.abc import Callable, Iterable

from activities.errors import StepError
from activities.secrets import resolve

log = logging.getLogger(__name__)

_STALE = 60.0
"""So long a secret that was taken back is still believed, at the longest."""
_SHORTEST_STRUCK = 4
"""A shorter one would strike out parts of ordinary words, and protects nothing anyway."""
_PAUSE = 1.0
"""Forged requests must not make us read files all the time."""


class MissingSecretsError(RuntimeError):
    """Not all secrets are there."""


class Keyring:
    """Every secret by its reference. The newest that could be read counts."""

    def __init__(self, references: Iterable[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._values: dict[str, str] = {}
        self._read_at: dict[str, float] = {}
        missing: list[str] = []
        for reference in dict.fromkeys(references):
            try:
                self._values[reference] = resolve(reference).get_secret_value()
                self._read_at[reference] = clock()
            except StepError as error:
                missing.append(str(error).replace("on this worker", "here").replace("this worker", "this server"))
        if missing:
            raise MissingSecretsError(" ".join(missing))

    def fits(self, reference: str, proves: Callable[[str], bool]) -> bool:
        """Whether the secret proves it: the one at hand, else the one that the reference leads to now."""
        if self._age(reference) > _STALE:
            self._renew(reference)
        if proves(self._values[reference]):
            return True
        if self._age(reference) < _PAUSE:
            return False
        before = self._values[reference]
        self._renew(reference)
        return self._values[reference] != before and proves(self._values[reference])

    def strike(self, text: str) -> str:
        """The text without any of the secrets."""
        for value in self._values.values():
            if len(value) >= _SHORTEST_STRUCK:
                text = text.replace(value, "[secret]")
        return text

    def _age(self, reference: str) -> float:
        return self._clock() - self._read_at[reference]

    def _renew(self, reference: str) -> None:
        self._read_at[reference] = self._clock()
        try:
            self._values[reference] = resolve(reference).get_secret_value()
        except StepError as error:  # it is being replaced at this moment, most likely
            log.warning("%s The one that was read before goes on counting.", error)


def same(one: str, other: str) -> bool:
    """Whether they are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
