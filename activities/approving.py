"""What an act would change, as a value: what of that was approved, and a digest that travels.

What is approved is the set of changes: for each resource what is done to it, with hashes of what it is before and
becomes. A value that is known only afterwards (the id of something new) is named and left open.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from runbooks.values import Model


class Change(Model):
    """What is done to one resource, or output. `known` leaves `unknown` attributes out."""

    do: str
    unknown: tuple[str, ...] = ()
    before: str = ""
    known: str = ""


class Approved(Model):
    """The set of changes that people were shown."""

    digest: str
    changes: dict[str, Change] = {}


class Changes(Model):
    """What would be done, by address."""

    changes: dict[str, Change] = {}
    lines: tuple[str, ...] = ()
    """One for each resource: what is done, and what becomes of each attribute that is no secret."""
    after: dict[str, dict[str, JsonValue]] = {}
    """Never leaves the worker: it may hold secrets."""

    @property
    def resources(self) -> tuple[str, ...]:
        """The addresses of what is changed."""
        return tuple(address for address in self.changes if not address.startswith("output."))

    @property
    def destroyed(self) -> tuple[str, ...]:
        """The addresses of what would be deleted or replaced."""
        return tuple(address for address, change in self.changes.items() if change.do in ("delete", "replace"))

    @property
    def digest(self) -> str:
        """SHA-256 of the whole set."""
        return hashed({address: change.model_dump(mode="json") for address, change in sorted(self.changes.items())})

    def approved(self) -> Approved:
        """The set as it is approved."""
        return Approved(digest=self.digest, changes=self.changes)

    def beyond(self, approved: Approved) -> tuple[str, ...]:
        """A sentence for each change that was not approved so; a part of what was approved is within it."""
        if self.digest == approved.digest:
            return ()
        found = ((address, self._differs(address, approved.changes.get(address))) for address in self.changes)
        return tuple(f"{address}: {why}" for address, why in found if why)

    def summary(self) -> str:
        """`2 to create, 1 to change`; "nothing to change"."""
        words = {"create": "create", "update": "change", "delete": "delete", "replace": "replace"}
        doing = [self.changes[address].do for address in self.resources]
        counts = {
            word: sum(words.get(do, do) == word for do in doing)
            for word in dict.fromkeys(words.get(d, d) for d in doing)
        }
        told = ", ".join(f"{count} to {word}" for word, count in counts.items())
        outputs = len(self.changes) - len(self.resources)
        more = f"{outputs} output{'' if outputs == 1 else 's'} to change" if outputs else ""
        return ", ".join(filter(None, (told, more))) or "nothing to change"

    def _differs(self, address: str, approved: Change | None) -> str:
        mine = self.changes[address]
        if approved is None:
            return f"to {mine.do}, which was not shown"
        if mine.do != approved.do:
            return f"to {mine.do}, and to {approved.do} was shown"
        if mine.before != approved.before:
            return "it was changed by somebody else since"
        if known(self.after[address], approved.unknown) != approved.known:
            return "it would become something else than was shown"
        return ""


def known(after: Mapping[str, JsonValue], unknown: tuple[str, ...]) -> str:
    """The hash of what is known of it. A null is nothing: what becomes known appears where nothing was."""
    return hashed({name: value for name, value in after.items() if name not in unknown and value is not None})


def hashed(value: Any) -> str:  # noqa: ANN401 - JSON
    """Half a SHA-256 of it."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
