"""At a terminal: the picture, the question before an approval, and the terminal left as it was."""

import asyncio
import fcntl
import os
import struct
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from runbooks.runs import Outcome, Phase
from tests.triggers.conftest import Door

ASK = {"failover": {"approval": {"count": 1}}}
SHOW_CURSOR = b"\x1b[?25h"
HIDE_CURSOR = b"\x1b[?25l"


class Terminal:
    """A command at a terminal of 40 lines."""

    def __init__(self, process: asyncio.subprocess.Process, side: int) -> None:
        self.process = process
        self._side = side
        self.seen = b""
        self._closed = False

    async def until(self, text: str) -> None:
        """Wait until the text has been on the screen."""
        while text.encode() not in self.seen:
            assert not self._closed, self.seen
            await self._read()

    async def ended(self) -> int:
        """The exit code, after all that was written has been read."""
        while not self._closed:
            await self._read()
        return await self.process.wait()

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self._side, text.encode())

    async def _read(self) -> None:
        try:
            self.seen += os.read(self._side, 65536)
        except BlockingIOError:
            await asyncio.sleep(0.02)
        except OSError:  # nobody holds the other side any more
            self._closed = True


@asynccontextmanager
async def at_terminal(door: Door, *arguments: str, actor: str = "ann") -> AsyncIterator[Terminal]:
    """Run `evac` with a terminal on all three streams."""
    side, other = os.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 110, 0, 0))
    os.set_blocking(side, False)
    environment = door.environment(TERM="xterm-256color", EVAC_ACTOR=actor)
    del environment["COLUMNS"]
    process = await asyncio.create_subprocess_exec(
        door.command, *arguments, stdin=other, stdout=other, stderr=other, env=environment, start_new_session=True
    )
    os.close(other)
    door.started.append(process)
    try:
        yield Terminal(process, side)
    finally:
        os.close(side)


async def test_the_picture_follows_the_run_and_leaves_the_terminal_as_it_was(door: Door) -> None:
    """It draws, shows how to answer, ends with the outcome, and gives the cursor back."""
    async with at_terminal(door, "failover", door.file(policy=ASK), "--from", "us-east-1") as terminal:
        await terminal.until("Start it? [y/N]")
        terminal.type("y\n")
        await terminal.until("AWAITING APPROVAL")
        await terminal.until(f"evac approve {door.name} --plan")
        checksum = (await door.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)).checksum
        assert (await door.evac("approve", door.name, "--plan", checksum, EVAC_ACTOR="ben")).code == 0
        code = await terminal.ended()
    assert code == 0
    assert b"RECOVERED" in terminal.seen
    assert terminal.seen.rindex(SHOW_CURSOR) > terminal.seen.rindex(HIDE_CURSOR)


async def test_who_does_not_say_yes_starts_nothing(door: Door) -> None:
    """The question's default is no."""
    async with at_terminal(door, "failover", door.file(policy=ASK), "--from", "us-east-1") as terminal:
        await terminal.until("Start it? [y/N]")
        terminal.type("\n")
        assert await terminal.ended() == 4
    assert b"not started" in terminal.seen
    assert (await door.evac("status", door.name)).code == 2


async def test_a_failover_on_one_persons_word_wants_the_regions_name(door: Door) -> None:
    """With --force nobody looks whether it is down: a y is no answer, the name is. What it does is said first."""
    command = ("failover", door.file(policy=ASK), "--from", "us-east-1", "--force")
    async with at_terminal(door, *command) as terminal:
        await terminal.until("Type its name to start")
        terminal.type("y\n")
        assert await terminal.ended() == 4
    assert b"is LOST" in terminal.seen
    assert (await door.evac("status", door.name)).code == 2
    async with at_terminal(door, *command) as terminal:
        await terminal.until("Type its name to start")
        terminal.type("us-east-1\n")
        await terminal.until("AWAITING APPROVAL")


async def test_ctrl_c_gives_the_cursor_back(door: Door) -> None:
    """Leaving in the middle of a picture leaves a usable terminal."""
    await door.failover("--no-wait", policy=ASK)
    async with at_terminal(door, "watch", door.name) as terminal:
        await terminal.until("AWAITING APPROVAL")
        terminal.process.send_signal(2)
        assert await terminal.ended() == 130
    assert terminal.seen.rindex(SHOW_CURSOR) > terminal.seen.rindex(HIDE_CURSOR)
    assert b"the run goes on by itself" in terminal.seen


async def test_approve_shows_the_plan_and_asks(door: Door) -> None:
    """The approver reads the steps and types yes; anything else approves nothing."""
    await door.failover("--no-wait", policy=ASK)
    checksum = (await door.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)).checksum
    async with at_terminal(door, "approve", door.name, actor="ben") as terminal:
        await terminal.until(f"Type {checksum[:8]}, or yes")
        terminal.type("no\n")
        assert await terminal.ended() == 4
    assert b"Promote vector-db in eu-west-1 to primary" in terminal.seen
    assert (await door.state()).decisions == ()
    async with at_terminal(door, "approve", door.name, actor="ben") as terminal:
        await terminal.until(f"Type {checksum[:8]}, or yes")
        terminal.type(f"{checksum[:8]}\n")
        assert await terminal.ended() == 0
    assert (await door.until(lambda state: state.phase is Phase.ENDED)).outcome is Outcome.RECOVERED
