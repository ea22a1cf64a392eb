"""What is done on the worker's own machine: a program, and a line in a file."""

import os
from typing import Any

import pytest

from runbooks.steps import ErrorType
from tests.conformance.specimen import Settings, Specimen

_PROGRAM = """#!/bin/sh
[ -e {home}/locked ] && exit 3
echo ran >> {home}/ran
"""


class RunCommand(Specimen):
    """A program that leaves a line each time it runs, unless somebody has locked it out."""

    uses = "run.command"
    cannot = {
        "killed_between_call_and_answer": "nothing tells whether it ran, so a person is asked "
        "(tests/activities/run/test_command.py)",
        "hangs": "how far it came is not known, so a person is asked (tests/activities/run/test_command.py)",
        "expired": "it runs as the worker's user, whose rights have no end",
        "throttled": "nobody throttles a program",
        "stale_epoch": "the program is told the epoch; what it changes is its own to keep",
    }

    async def stand(self) -> Settings:
        """It is there, and has never run."""
        self.program, self.ran = self.home / "program", self.home / "ran"
        self.program.write_text(_PROGRAM.format(home=self.home))
        self.straighten()
        return {"argv": [str(self.program)]}

    async def effect(self) -> Any:
        """What it has left."""
        return self.ran.read_text() if self.ran.exists() else ""

    async def absent(self, settings: Settings) -> Settings:
        """Another program."""
        return {**settings, "argv": [f"{self.program}-of-another-name"]}

    async def spoil(self, settings: Settings) -> Settings:
        """It will not."""
        (self.home / "locked").touch()
        return settings

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """Denied by its mode: without any `x`, nobody may run it, not even root."""
        assert (mode, match, times) == ("deny", "*", None)
        self.program.chmod(0o600)

    def straighten(self) -> None:
        """It may be run."""
        self.program.chmod(0o700)

    def changes(self) -> int:
        """How often it ran."""
        return self.ran.read_text().count("ran") if self.ran.exists() else 0


class NotifyLog(Specimen):
    """A file in a folder of its own."""

    uses = "notify.log"
    request: pytest.FixtureRequest
    spoiled = ErrorType.DENIED
    cannot = {
        "killed_between_call_and_answer": "between the line and the answer there is no way on which it could be lost",
        "not_found": "a file that is not there is made",
        "expired": "it is written as the worker's user, whose rights have no end",
        "throttled": "nobody throttles a file",
        "stale_epoch": "what a sentence tells was so, whatever has been decided since",
    }

    async def stand(self) -> Settings:
        """There is no file."""
        self.folder = self.home / "notices"
        self.path, self.aside = self.folder / "it.log", self.home / "aside"
        self.folder.mkdir()
        self.request.addfinalizer(self.straighten)
        return {"text": self.name, "path": str(self.path)}

    async def effect(self) -> Any:
        """Its lines."""
        return self.path.read_text() if self.path.is_file() else ""

    async def spoil(self, settings: Settings) -> Settings:
        """A folder has its name."""
        self.path.mkdir()
        return settings

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """Denied, also to root, by a file where its folder should be; a pipe that nobody reads hangs as a dead NFS."""
        assert (match, times) == ("*", None)
        if mode == "deny":
            self.folder.rename(self.aside)
            self.folder.touch()
        else:
            assert mode == "hang"
            os.mkfifo(self.path)

    def straighten(self) -> None:
        """As it is."""
        if self.folder.is_file():
            self.folder.unlink()
            self.aside.rename(self.folder)
        if self.path.is_fifo():
            os.close(os.open(self.path, os.O_RDWR | os.O_NONBLOCK))
            self.path.unlink()

    def changes(self) -> int:
        """How many lines there are."""
        return len(self.path.read_text().splitlines()) if self.path.is_file() else 0
