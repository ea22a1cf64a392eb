"""Temporal's sandbox for the many workers of these tests."""

from typing import Any, ClassVar

from worker.sandbox import Sandbox


class ValidatedOnce(Sandbox):
    """Evac's sandbox, but that it tries each workflow out for the first worker here, and for no further one."""

    _tried: ClassVar[set[Any]] = set()

    def prepare_workflow(self, defn: Any) -> None:
        """As Temporal asks, when a worker is made."""
        if defn.cls not in self._tried:
            super().prepare_workflow(defn)
            self._tried.add(defn.cls)
