"""When an evacuation waits for a person before it starts another runbook. Pure."""

from collections.abc import Mapping

from runbooks.evacuation import BookState, EvacuateInput, Fate
from runbooks.models import Runbook

_AT_LEAST = 2
"""One that went wrong is no rate."""


class Caution:
    """Looks at how the runbooks fare; what a person has seen and forgiven is held against nothing any more."""

    def __init__(self, request: EvacuateInput, states: Mapping[str, BookState]) -> None:
        self._in = request
        self._states = states
        self._seen: set[str] = set()

    def forgive(self) -> None:
        """A person said go on."""
        self._seen |= {name for name, state in self._states.items() if state.fate in (Fate.ENDED, Fate.NOT_STARTED)}

    def first(self) -> bool:
        """Is the one that was just started the canary?"""
        begun = [state for state in self._states.values() if state.fate not in (Fate.SKIPPED, Fate.WAITING)]
        return self._in.canary and not begun

    def why_wait(self, book: Runbook) -> str | None:
        """Why the runbook is not started unasked, or None."""
        return self._first_of_the_batch() or self._too_many() or self._depends(book)

    def _first_of_the_batch(self) -> str | None:
        ended = [state for state in self._states.values() if state.fate == Fate.ENDED]
        if not self._in.canary or not ended:
            return None
        first = min(ended, key=lambda state: state.started_at or 0.0)
        if first.good or first.name in self._seen:
            return None
        return f"{first.name}, the first one, is not verified elsewhere ({first.outcome}: {first.sentence.rstrip('.')})"

    def _too_many(self) -> str | None:
        ended = [s for s in self._states.values() if s.fate == Fate.ENDED and s.name not in self._seen]
        bad = [state.name for state in ended if not state.good]
        if len(ended) < _AT_LEAST or len(bad) <= self._in.stop_on_error_rate * len(ended):
            return None
        limit = f"{self._in.stop_on_error_rate:.0%}"
        return f"{len(bad)} of {len(ended)} ended runs went wrong ({', '.join(bad)}), more than the {limit} allowed"

    def _depends(self, book: Runbook) -> str | None:
        behind = [
            name
            for name in book.depends_on
            if (state := self._states.get(name)) is not None
            and state.fate != Fate.SKIPPED
            and not state.good
            and name not in self._seen
        ]
        return f"{book.name} depends on {' and '.join(behind)}, not evacuated" if behind else None
