"""What the parts of a run share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from runbooks.models import Runbook
from workflows.desk import Desk


class Teller(Protocol):
    """Told of everything that happens, in sentences."""

    def tell(self, text: str, step: str = "") -> None:
        """Keep the sentence, with the time."""

    def ask(self, text: str, step: str = "") -> None:
        """Keep the sentence and send it out: a person is needed."""


@dataclass
class House:
    """The run's name and epoch, its runbook, its decisions, its story, and whether it is on hold."""

    run: str
    epoch: int
    runbook: Runbook
    desk: Desk
    teller: Teller
    held: Callable[[], bool]

    def outrank(self, seen: int) -> None:
        """A store has kept a newer decision than this run's: a clock went back. This run is the newest decision now."""
        if seen > self.epoch:
            self.epoch = seen + 1
            self.teller.tell(f"Decision {seen} was found in a store: this run goes on as decision {self.epoch}")
