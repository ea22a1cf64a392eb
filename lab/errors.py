"""The lab's errors. Each message is a sentence that says what is wrong and what to do next.

LabError
+-- LabExistsError       `up` was asked for a lab that is there already
+-- NoLabError           there is no lab where one was looked for
+-- NoRegionError        the lab has no region of that name
+-- NotReadyError        a part did not come up in time; `details` is the end of its log
+-- EndedError           a program ended by itself at once; `details` likewise
+-- SecondWriterError    a former primary was to be started beside its successor
+-- RefusedError         it must not be done: what is newer would be lost, or a second writer made
+-- MissingPartError     a program or package that the lab needs is not installed
"""

from collections.abc import Iterable
from pathlib import Path


class LabError(RuntimeError):
    """Something about the lab that the person who runs it can act on.

    `details` is more text for those who look closer, such as the end of a log.
    """

    details: str = ""


class LabExistsError(LabError):
    """`up` was asked for a lab that is there already."""

    def __init__(self, name: str, home: Path) -> None:
        super().__init__(
            f"The lab {name!r} is up already in {home}. See `evac lab status`, end it with `evac lab down`, "
            "or give another one a --name of its own."
        )


class NoLabError(LabError):
    """There is no lab where one was looked for."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"There is no lab in {home}. Start one with `evac lab up`, or say where it is with --home.")


class NoRegionError(LabError):
    """The lab has no region of that name."""

    def __init__(self, region: str, known: Iterable[str]) -> None:
        super().__init__(f"The lab has no region {region!r}. Its regions are {', '.join(known)}.")


class NotReadyError(LabError):
    """A part did not come up in time."""

    def __init__(self, what: str, last: str, tail: str = "") -> None:
        super().__init__(f"{what} was not ready in time; last seen: {last}. Try again when the machine is less busy.")
        self.details = tail


class EndedError(LabError):
    """A program of the lab ended by itself at once."""

    def __init__(self, name: str, place: str, tail: str) -> None:
        last = tail.splitlines()[-1] if tail else "it wrote nothing"
        super().__init__(f"{name} ({place}) ended at once: {last}")
        self.details = tail


class SecondWriterError(LabError):
    """A former primary was to be started beside its successor."""


class RefusedError(LabError):
    """It must not be done: what is newer would be lost, or a second writer made."""


class MissingPartError(LabError):
    """A program or package that the lab needs is not installed."""
