"""What the pictures of drills, tests, reports and evacuations have in common. Pure."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from runbooks.composite_rows import RowTone
from runbooks.durations import duration
from runbooks.runs import RunEvent
from runbooks.words import clean, clock
from triggers.cli.stakes import LABEL

Row = tuple[str, str, str]
"""A sign or a label, its sentence, and the style of the sign."""
GOOD, BAD, DOUBTFUL, GOING = "bold green", "bold red", "bold yellow", "bold cyan"
ASKING = "bold black on yellow"
STYLES: dict[RowTone, str] = {"good": GOOD, "bad": BAD, "doubtful": DOUBTFUL, "going": GOING, "quiet": "dim"}


def title(subject: str, what: str, way: str, run: str) -> RenderableType:
    """What it is about, and the id of its run."""
    line = Table.grid(expand=True)
    line.add_column()
    line.add_column(justify="right")
    line.add_row(Text.assemble((subject, "bold"), f"  {what}  ", (way, "bold")), Text(f"run {run[:13]}", style="dim"))
    return line


def standing(word: str, style: str, message: str) -> RenderableType:
    """How it stands, in capitals, and the sentence that goes with it."""
    return Text.assemble((word.upper().replace("-", " "), style), "  ", clean(message))


def rows(lines: Iterable[Row], width: int = LABEL) -> RenderableType:
    """Labelled sentences, each wrapped in its own column."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, min_width=width)
    table.add_column(ratio=1)
    for label, sentence, style in lines:
        table.add_row(Text(label, style=style or "dim"), Text(clean(sentence)))
    return table


def commands(known: Iterable[str]) -> list[Row]:
    """The commands that answer, as rows."""
    return [("answer with" if number == 0 else "or", command, DOUBTFUL) for number, command in enumerate(known)]


def event_lines(events: Iterable[RunEvent], since: float) -> list[str]:
    """The story, a line an event, as logs and pipes take it."""
    return [f"{clock(event.at)}  {'+' + duration(event.at - since):>10}  {clean(event.text)}" for event in events]
