"""The document in Markdown (GitHub's), with plans as Mermaid diagrams. No text of a runbook can become markup."""

import re
from collections.abc import Iterator

from runbooks.paper.blocks import Block, Code, Grid, Items, Notice, Paper, Paragraph, Picture, spans
from runbooks.render import mermaid

_PIPE = r"\|"
"""In a table a bar ends the cell, even in code."""
_LEADING = re.compile(r"\A(\s*|\s*[0-9]+)([-+=]|(?<=[0-9])[.)])")
"""What would begin a list, or underline a title."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$!&])")


def markdown(paper: Paper) -> str:
    """The whole text."""
    parts = [f"# {_text(paper.title)}", *([_text(paper.summary)] if paper.summary else []), _facts(paper)]
    numbered = list(paper.numbered())
    parts.append("\n".join(_entry(number, section.title) for number, section in numbered))
    for number, section in numbered:
        parts.append(f"{'#' * (number.count('.') + 2)} {number} {_text(section.title)}")
        parts.extend(_block(block) for block in section.blocks)
    return "\n\n".join(parts) + "\n"


def _facts(paper: Paper) -> str:
    return "\n".join(f"- {_text(label)}: {_text(value)}" for label, value in paper.facts)


def _entry(number: str, title: str) -> str:
    return f"{'  ' * number.count('.')}- {number} {_text(title)}"


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return _text(block.text)
        case Items():
            return "\n".join(f"- {_text(item)}" for item in block.items)
        case Notice():
            return f"> **{_text(block.label)}:** {_text(block.text)}"
        case Grid():
            return "\n".join(_rows(block))
        case Picture():
            return f"```mermaid\n{mermaid(block.plan)}```"


def _rows(grid: Grid) -> Iterator[str]:
    yield f"| {' | '.join(_cell(text) for text in grid.head)} |"
    yield f"|{'---|' * len(grid.head)}"
    for row in grid.rows:
        yield f"| {' | '.join(_cell(text) for text in row)} |"


def _cell(text: str) -> str:
    lines = [text] if isinstance(text, Code) else text.split("\n")
    return "<br>".join(_text(line, in_table=True) for line in lines)


def _text(text: str, *, in_table: bool = False) -> str:
    """A text on one line. Whatever it holds, nothing but its backticks is markup."""
    pieces = (_code(piece, in_table=in_table) if isinstance(piece, Code) else _escaped(piece) for piece in spans(text))
    return _LEADING.sub(r"\1\\\2", "".join(pieces))


def _code(text: str, *, in_table: bool) -> str:
    if "`" in text:
        return _escaped(text)
    return f"`{text.replace('|', _PIPE) if in_table else text}`"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
