"""Where a followed run is shown: a picture that redraws itself on a terminal, else one line for each change."""

import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from runbooks.durations import duration
from runbooks.runs import RunState
from triggers.cli import lines
from triggers.cli.view import head, run_view

_FRAME = 7
"""Lines that are neither the picture's head, nor steps, nor events; also those that are written after it."""
_FEWEST = 3
"""Steps, and events, that are shown however low the terminal is."""
_WIDTH_OF_FILES = 140


def console(stream: TextIO) -> Console:
    """A console on the stream; wide when it is no terminal, since nobody reads a wrapped log."""
    return Console(file=stream, width=None if stream.isatty() else _WIDTH_OF_FILES, highlight=False, soft_wrap=False)


@dataclass(frozen=True)
class Trouble:
    """Why there is no news, and for how long."""

    why: str
    seconds: float

    def __str__(self) -> str:
        return f"No news for {duration(self.seconds)}: {self.why} The run goes on by itself."


class Screen(Protocol):
    """Shows a run as it goes."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the terminal as it was."""

    def show(self, state: RunState | None, trouble: Trouble | None) -> None:
        """Show what is known now; `trouble` says why it may be old."""

    def show_other(self, picture: RenderableType, text: list[str], run: RunState | None = None) -> None:
        """Show something that is not a run: the picture on a terminal, else the lines that are new; then its run."""


class Picture:
    """A terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._console = console(stream)
        self._live = Live(console=self._console, auto_refresh=False, vertical_overflow="crop")

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the last picture standing, and the cursor as it was."""
        self._live.stop()

    def show(self, state: RunState | None, trouble: Trouble | None) -> None:
        """Draw the run; as many of its newest events as fit."""
        if state is None:
            self._live.update(Text(str(trouble or "asking Temporal ...")), refresh=True)
            return
        self._live.update(self._fitting(state, str(trouble or ""), self._console.size.height), refresh=True)

    def show_other(self, picture: RenderableType, text: list[str], run: RunState | None = None) -> None:
        """Draw it, and the run beneath it."""
        del text
        room = self._console.size.height - self._lines(picture) - 1
        drawn = picture if run is None else Group(picture, Text(), self._fitting(run, "", room))
        self._live.update(drawn, refresh=True)

    def _fitting(self, state: RunState, trouble: str, height: int) -> RenderableType:
        """The run in so many lines: its head whole, then the steps that matter, then the newest events."""
        now = time.time()
        room = height - _FRAME - self._lines(Group(*head(state, now, trouble)))
        steps = min(len(state.steps), max(_FEWEST, room - _FEWEST))
        return run_view(state, now, steps=steps, events=max(0, room - steps), trouble=trouble)

    def _lines(self, picture: RenderableType) -> int:
        return len(self._console.render_lines(picture, pad=False))


class Log:
    """A pipe or a file."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last: RunState | None = None
        self._why = ""
        self._others: set[str] = set()

    def __enter__(self) -> Self:
        """Nothing to do."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing to undo."""

    def show(self, state: RunState | None, trouble: Trouble | None) -> None:
        """Write what has changed; a trouble once, when it begins or becomes another."""
        why = "".join(char for char in trouble.why if not char.isdigit()) if trouble is not None else ""
        if why != self._why:
            self._write(str(trouble or "it answers again"))
        self._why = why
        if state is None:
            return
        if self._last is None or self._last.run != state.run:
            self._last = None
            self._write(lines.opening(state))
        self._write(*lines.changes(self._last, state))
        self._last = state

    def show_other(self, picture: RenderableType, text: list[str], run: RunState | None = None) -> None:
        """Write the lines that were not written before."""
        del picture
        new = [line for line in text if line not in self._others]
        self._others.update(new)
        self._write(*new)
        if run is not None:
            self.show(run, None)

    def _write(self, *text: str) -> None:
        for line in text:
            self._stream.write(f"{line}\n")
        self._stream.flush()


def screen(*, answers_json: bool) -> Screen:
    """The screen for this command: stdout, unless it is kept for a JSON document."""
    stream = sys.stderr if answers_json else sys.stdout
    return Picture(stream) if stream.isatty() else Log(stream)
