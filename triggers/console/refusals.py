"""Why a request to the console is turned away. `notices.py` says it.

TurnedAwayError    the status, the reason, and what to do next
"""

NOBODY = 401
FORBIDDEN = 403
MISDIRECTED = 421
UNAVAILABLE = 503


class TurnedAwayError(Exception):
    """The visitor may not do this; `what_next` helps who should be able to."""

    def __init__(self, status: int, error: str, what_next: str, *, login: bool = False) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.what_next = what_next
        self.login = login
        """A person can mend it by logging in."""
