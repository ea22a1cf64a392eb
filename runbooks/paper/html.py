"""The document as one HTML page: no script, nothing from elsewhere, every text escaped, fit for printing."""

from collections.abc import Iterator
from html import escape

from runbooks.paper.blocks import Block, Code, Grid, Items, Notice, Paper, Paragraph, Picture, Section, spans
from runbooks.paper.picture import picture
from runbooks.paper.style import STYLE

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_LEGEND = (
    "Downwards is later; side by side is at the same time. Dashed: an abort undoes it. Thick: final. "
    "Thickest: the point of no return."
)


def html(paper: Paper) -> str:
    """The whole page."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{_text(paper.title)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            *_head(paper),
            "<main>",
            *(line for number, section in paper.numbered() for line in _section(number, section)),
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _head(paper: Paper) -> Iterator[str]:
    yield f"<header><h1>{_text(paper.title)}</h1>"
    if paper.summary:
        yield f'<p class="summary">{_text(paper.summary)}</p>'
    yield "<dl>"
    yield from (f"<dt>{_text(label)}</dt><dd>{_text(value)}</dd>" for label, value in paper.facts)
    yield "</dl></header>"
    yield '<nav aria-label="Contents">'
    for number, section in paper.numbered():
        deep = ' class="deep"' if "." in number else ""
        yield f'<a{deep} href="#s{number}"><span class="number">{number}</span>{_text(section.title)}</a>'
    yield "</nav>"


def _section(number: str, section: Section) -> Iterator[str]:
    level = f"h{number.count('.') + 2}"
    yield f'<{level} id="s{number}"><span class="number">{number}</span>{_text(section.title)}</{level}>'
    yield from (_block(block) for block in section.blocks)


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return f"<p>{_text(block.text)}</p>"
        case Items():
            return f"<ul>{''.join(f'<li>{_text(item)}</li>' for item in block.items)}</ul>"
        case Notice():
            return f'<p class="notice"><b>{_text(block.label)}:</b> {_text(block.text)}</p>'
        case Grid():
            return _table(block)
        case Picture():
            return f"<figure>{picture(block.plan)}<figcaption>{_text(_LEGEND)}</figcaption></figure>"


def _table(grid: Grid) -> str:
    head = "".join(f'<th scope="col">{_text(text)}</th>' for text in grid.head)
    rows = "".join(f"<tr>{''.join(f'<td>{_cell(text)}</td>' for text in row)}</tr>" for row in grid.rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _cell(text: str) -> str:
    lines = [text] if isinstance(text, Code) else text.split("\n")
    return "<br>".join(map(_text, lines))


def _text(text: str) -> str:
    """A text as it is; what stands in backticks is code."""
    return "".join(f"<code>{escape(part)}</code>" if isinstance(part, Code) else escape(part) for part in spans(text))
