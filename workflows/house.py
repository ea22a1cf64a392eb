"""What the parts of a run share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from workflows.desk import Desk


class Teller(Protocol):
    """Told of everything that happens, in sentences."""

    def tell(self, text: str, step: str = "") -> None:
        """Keep the sentence, with the time."""

    def ask(self, text: str, step: str = "") -> None:
        """Keep the sentence and send it out: a person is needed."""


@dataclass(frozen=True)
class House:
    """The run's name and epoch, its decisions, its story, and whether it is on hold."""

    run: str
    epoch: int
    desk: Desk
    teller: Teller
    held: Callable[[], bool]
