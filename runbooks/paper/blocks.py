"""What a document is made of; `markdown.py` and `html.py` write the same one down.

A text may have a `name` in backticks: it is written as code. Nothing else in it is markup.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from runbooks.plan import Plan

_CODE = re.compile("`([^`]+)`")


class Code(str):
    """A text that somebody may have to type or to look for: a name, a command, a reference."""

    __slots__ = ()


@dataclass(frozen=True)
class Paragraph:
    """A few sentences."""

    text: str


@dataclass(frozen=True)
class Items:
    """Sentences, each for itself."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table; a cell of several lines holds one text a line."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Notice:
    """One fact that must not be overlooked: what it is about, and its sentence."""

    label: str
    text: str


@dataclass(frozen=True)
class Picture:
    """The plan's steps, and what waits for what."""

    plan: Plan


Block = Paragraph | Items | Grid | Notice | Picture


@dataclass(frozen=True)
class Section:
    """A title, what belongs to it, and the sections inside it."""

    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()


@dataclass(frozen=True)
class Paper:
    """The whole document."""

    title: str
    summary: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]

    def numbered(self) -> Iterator[tuple[str, Section]]:
        """Every section with its number (`3`, `3.2`), in reading order."""
        yield from _numbered("", self.sections)


def _numbered(prefix: str, sections: tuple[Section, ...]) -> Iterator[tuple[str, Section]]:
    for count, section in enumerate(sections, 1):
        number = f"{prefix}{count}"
        yield number, section
        yield from _numbered(f"{number}.", section.sections)


def spans(text: str) -> Iterator[str]:
    """The text in pieces; those that stood in backticks are Code. What cannot be printed is a blank."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    if isinstance(text, Code):
        yield Code(plain)
        return
    for number, piece in enumerate(_CODE.split(plain)):
        if piece:
            yield Code(piece) if number % 2 else piece


def listed(names: tuple[str, ...] | list[str], joint: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f" {joint} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
