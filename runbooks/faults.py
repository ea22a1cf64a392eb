"""What is wrong in a runbook, in words, and where.

RunbookError     the document is not a runbook that can be run; `faults` has every reason, in the order of the file
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

DocumentPath = tuple[str | int, ...]
"""The way to a value in a document: keys of mappings and positions in lists."""

_SHOWN = 48
_SENTENCE = 400
_LONGEST_LIST = 300


@dataclass(frozen=True)
class Finding:
    """Something wrong at a place in the document's structure; `load.py` turns the path into a line.

    `on_key` points at the key itself instead of its value. `reads` names other places that the judgement
    depends on: when one of those is broken itself, the finding would be a mere echo and is left out. `meant` is
    the missing place that a misspelt key was probably meant for: that it is missing needs no saying.
    """

    path: DocumentPath
    sentence: str
    on_key: bool = False
    reads: tuple[DocumentPath, ...] = ()
    meant: DocumentPath | None = None


@dataclass(frozen=True, order=True)
class Fault:
    """A finding with its place in the file; lines and columns count from 1."""

    line: int
    column: int
    sentence: str
    path: DocumentPath = ()
    file: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.sentence}"


class RunbookError(ValueError):
    """A runbook cannot be read, or says something that cannot be done. `faults` holds all of it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line, fault.column, fault.sentence)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def dotted(path: DocumentPath) -> str:
    """The path as people write it: `checks[0].url`; `the document` for the whole."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{plain(part)}"
    return text.removeprefix(".") or "the document"


def plain(text: str, limit: int = _SHOWN) -> str:
    """A text of the document made fit for a one-line sentence: bounded, and without control characters."""
    seen = "".join(letter if letter.isprintable() else " " for letter in text[: limit + 1])
    return f"{seen[:limit]}..." if len(text) > limit else seen


def sentence_of(text: str) -> str:
    """A sentence on one line and of bounded length, whatever the document put into it."""
    return plain(text, _SENTENCE)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that the word was probably meant to be."""
    near = difflib.get_close_matches(word[:_SHOWN].lower(), list(known), n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean `x`?` for a near miss, else the list of what is known."""
    names = list(known)
    near = nearest(word, names)
    if near is not None:
        return f"; did you mean `{near}`?"
    return f"; known: {_listed(names)}" if names else ""


def _listed(names: list[str]) -> str:
    """All of them, or as many as a sentence bears, and how many more there are."""
    fitting = [name for number, name in enumerate(names) if len(", ".join(names[: number + 1])) <= _LONGEST_LIST]
    more = len(names) - len(fitting)
    return ", ".join(fitting) + (f" and {more} more" if more else "")
