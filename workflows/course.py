"""What may end a drill before its time: a person, another run, or real life."""

from dataclasses import dataclass

from runbooks.drills import DrillOutcome
from runbooks.runs import Decision


class DrillEnded(Exception):  # noqa: N818 - it is how a drill ends, not an error
    """The drill is over, with this outcome and sentence. It never leaves the workflow."""

    def __init__(self, outcome: DrillOutcome, message: str) -> None:
        self.outcome = outcome
        self.message = message
        super().__init__(message)


@dataclass
class Course:
    """What may end a drill before its time."""

    aborted: Decision | None = None
    turned: str = ""
    """Why this is a drill no more."""
    taken_over: str = ""
    """The kind of run that somebody started while the system served away from home."""

    def over(self) -> bool:
        """Nothing is to be soaked any more."""
        return self.aborted is not None or bool(self.turned or self.taken_over)

    def ended(self) -> DrillEnded:
        """How a drill ends that is none any more."""
        message = f"Turned into the real failover: {self.turned}; nothing is moved home by this drill"
        return DrillEnded(DrillOutcome.TURNED, message)

    def raise_if_turned(self) -> None:
        """Raises DrillEnded."""
        if self.turned:
            raise self.ended()

    def raise_if_not_ours(self) -> None:
        """Real life, or a person, has taken over while the system served away from home. Raises DrillEnded."""
        self.raise_if_turned()
        if self.taken_over:
            kind = self.taken_over
            message = f"Somebody started a {kind} while the system served away from home: the drill leaves it alone"
            raise DrillEnded(DrillOutcome.ABORTED, message)
