"""How a run ends before its time."""

from runbooks.runs import Outcome


class Ended(Exception):  # noqa: N818 - it is how a run ends, not an error
    """The run is over, with this outcome and sentence. It never leaves the workflow."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        self.outcome = outcome
        self.message = message
        super().__init__(message)
