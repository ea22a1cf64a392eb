"""What goes where: the answer on stdout (in JSON: one document), everything else on stderr.

Refusal    a command's own end: an exit code, and the sentence that says what to do next
"""

import json
import re
import shutil
import sys
import textwrap
from enum import StrEnum
from typing import Annotated, Any

import typer

from triggers.cli.exits import Exit

_COMMAND = re.compile("`[^`]+`")
_HARD = "\x00"
"""Stands for a blank at which no line is folded."""
VERSION = 1
"""The version of the JSON documents: it grows when a field changes its meaning, never when one is added."""


class Format(StrEnum):
    """How the answer is written."""

    TEXT = "text"
    JSON = "json"


Output = Annotated[Format, typer.Option("--output", "-o", help="text for people, json for programs.")]


class Refusal(Exception):  # noqa: N818 - it ends the command on purpose; an Error it is not
    """Ends the command with this code and sentence."""

    def __init__(self, code: Exit, sentence: str) -> None:
        self.code = code
        self.sentence = sentence
        super().__init__(sentence)


def answer(text: str) -> None:
    """Write an answer's text, as it is."""
    sys.stdout.write(f"{text}\n" if text else "")


def conclude(sentence: str) -> None:
    """Write an answer that is a sentence; a terminal gets it folded between words."""
    answer(_folded(sentence) if sys.stdout.isatty() else sentence)


def document(**fields: Any) -> None:
    """Write the answer as one JSON document."""
    sys.stdout.write(json.dumps({"evac": VERSION, **fields}, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def say(text: str) -> None:
    """Write something that is not the answer."""
    sys.stdout.flush()
    sys.stderr.write(f"{_folded(text) if sys.stderr.isatty() else text}\n")
    sys.stderr.flush()


def _folded(text: str) -> str:
    """Folded between words: a terminal folds in the middle of them. Commands are never broken."""
    width = shutil.get_terminal_size().columns
    return "\n".join(_fold(line, width) for line in text.splitlines())


def _fold(line: str, width: int) -> str:
    """A command in backticks stays in one piece: somebody will copy it."""
    whole = _COMMAND.sub(lambda found: found[0].replace(" ", _HARD), line)
    indent = " " * (len(line) - len(line.lstrip(" -")))
    folded = textwrap.fill(whole, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return folded.replace(_HARD, " ")


def complain(sentence: str) -> None:
    """Write an error: one sentence."""
    say(f"evac: {' '.join(sentence.split())}")


def leave(code: Exit) -> None:
    """End the command with the code (0 ends it by returning)."""
    if code is not Exit.DONE:
        raise typer.Exit(int(code))
