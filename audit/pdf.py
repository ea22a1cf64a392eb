"""An account as a PDF, by fpdf2: for auditors who file it. The same bytes whenever it is made."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from audit.account_parts import BAD, GOOD, Account, Section
from audit.gantt import DONE, ODD, PHASE, UNCHANGED, WAIT, Bar, Chart, ticks
from runbooks.durations import duration
from runbooks.words import day

if TYPE_CHECKING:
    from fpdf import FPDF

EXTRA = "PDFs need the packages of evac[audit]: pip install 'evac[audit]'"
_PLAIN = {  # by number: some of them look like others
    0x2026: "...",
    0x2192: "->",
    0x2013: "-",
    0x2014: "-",
    0xB7: "-",
    0x201C: '"',
    0x201D: '"',
    0x2018: "'",
    0x2019: "'",
}
_INK, _DIM, _LINE = (26, 29, 33), (91, 100, 112), (216, 221, 227)
_COLOURS = {PHASE: _DIM, DONE: (29, 127, 69), UNCHANGED: (74, 127, 181), ODD: (168, 100, 0), WAIT: (168, 100, 0)}
_TONES = {GOOD: (29, 127, 69), BAD: (179, 38, 30)}
_LABELS, _ROW, _BAR, _RIGHT = 72.0, 5.6, 3.6, 20.0
_WIDE = {
    "Why": 2.0,
    "What": 9.0,
    "How": 3.0,
    "In words": 2.5,
    "What it found": 2.6,
    "Step": 2.2,
    "SHA-256": 6.0,
    "Value": 3.0,
}
_WIDE |= {
    "Entry": 0.6,
    "When": 1.3,
    "The last error": 3.0,
    "Activity": 2.4,
    "Proved by": 1.6,
    "Objective": 1.4,
    "File": 1.5,
}


def pdf(told: Account) -> bytes:
    """The whole document. Raises ModuleNotFoundError where fpdf2 is not installed."""
    paper = _paper(told)
    _head(paper, told)
    for section in told.sections:
        if section.title == "Steps" and told.chart is not None and told.chart.bars:
            _title(paper, "What was done when")
            _picture(paper, told.chart)
        _section(paper, section)
    return bytes(paper.output())


def _paper(told: Account) -> "FPDF":
    from fpdf import FPDF  # noqa: PLC0415 - an extra

    class Paper(FPDF):
        """A page with its number and what it is of."""

        def footer(self) -> None:
            """Every page says of which record it is."""
            self.set_y(-12)
            self.set_font("helvetica", size=7)
            self.set_text_color(*_DIM)
            self.cell(0, 4, _plain(f"Evac record {told.record}: all times are UTC"))
            self.cell(0, 4, f"{self.page_no()} / {{nb}}", align="R")

    paper = Paper(orientation="landscape", format="A4")
    paper.set_creation_date(datetime.fromtimestamp(told.made_of, tz=UTC))
    paper.set_title(_plain(told.title))
    paper.set_auto_page_break(auto=True, margin=16)
    paper.set_margin(14)
    paper.add_page()
    return paper


def _head(paper: "FPDF", told: Account) -> None:
    _text(paper, told.title, 16, "B")
    paper.set_text_color(*_TONES.get(told.tone, _COLOURS[ODD]))
    _text(paper, told.verdict, 12, "B", colour=None)
    _text(paper, told.summary, 10)
    _text(paper, f"Record {told.record}; it ended {day(told.made_of)}", 8, colour=_DIM)
    paper.ln(2)
    paper.set_draw_color(*_TONES[GOOD if told.intact else BAD])
    paper.set_line_width(0.6)
    _text(paper, f"This record is {told.proof}.", 9, border=True)
    paper.set_line_width(0.2)


def _section(paper: "FPDF", section: Section) -> None:
    if not section.rows and not section.nothing:
        return
    _title(paper, section.title)
    if not section.rows:
        _text(paper, section.nothing, 9, colour=_DIM)
        return
    from fpdf.fonts import FontFace  # noqa: PLC0415 - an extra

    columns = section.columns or ("What", "Is")
    widths = tuple(_WIDE.get(column, 1.0) for column in columns) if section.columns else (1.0, 5.0)
    paper.set_font("helvetica", size=8)
    paper.set_text_color(*_INK)
    paper.set_draw_color(*_LINE)
    heading = FontFace(emphasis="BOLD", color=_DIM)
    with paper.table(
        col_widths=widths,
        text_align="LEFT",
        line_height=4.2,
        padding=(0.8, 1.5, 0.8, 0),
        borders_layout="HORIZONTAL_LINES",
        headings_style=heading,
        first_row_as_headings=bool(section.columns),
        v_align="T",
    ) as table:
        for row in [columns, *section.rows] if section.columns else section.rows:
            line = table.row()
            for number, cell in enumerate(row):
                bold = cell.startswith("NO") or (number == 0 and not section.columns)
                line.cell(_plain(cell) or " ", style=FontFace(emphasis="BOLD") if bold else None)


def _title(paper: "FPDF", title: str) -> None:
    paper.ln(5)
    if paper.will_page_break(24):
        paper.add_page()
    _text(paper, title, 11, "B")
    paper.ln(1)


def _text(  # noqa: PLR0913 - how it looks
    paper: "FPDF",
    text: str,
    size: int,
    style: str = "",
    colour: tuple[int, int, int] | None = _INK,
    *,
    border: bool = False,
) -> None:
    paper.set_font("helvetica", style=style, size=size)
    if colour is not None:
        paper.set_text_color(*colour)
    paper.multi_cell(
        0,
        size * 0.5,
        _plain(text) or " ",
        border=1 if border else 0,
        new_x="LMARGIN",
        new_y="NEXT",
        padding=2 if border else 0,
    )


def _picture(paper: "FPDF", drawn: Chart) -> None:
    scale = (paper.epw - _LABELS - _RIGHT) / drawn.length
    left = paper.l_margin + _LABELS
    rest = list(drawn.bars)
    while rest:
        room = max(1, int((paper.page_break_trigger - paper.get_y() - 8) / _ROW))
        now, rest = rest[:room], rest[room:]
        top = paper.get_y() + 6
        bottom = top + _ROW * len(now)
        _axis(paper, drawn, left, scale, top, bottom)
        for number, bar in enumerate(now):
            _bar(paper, bar, left, top + number * _ROW, scale)
        paper.set_y(bottom + 1)
        if rest:
            paper.add_page()
    paper.set_fill_color(255, 255, 255)
    note = "Hatched: people were waited for. Green: done; blue: nothing was to be changed; orange: not as planned. "
    _text(paper, note + drawn.rto_note, 8, colour=_DIM)


def _axis(paper: "FPDF", drawn: Chart, left: float, scale: float, top: float, bottom: float) -> None:  # noqa: PLR0913, PLR0917 - a place
    lines = [(tick, duration(tick), _LINE, _DIM) for tick in ticks(drawn.length)]
    if drawn.serving_at is not None:
        lines.append((drawn.serving_at, "serves", _TONES[GOOD], _TONES[GOOD]))
    if drawn.rto_at is not None:
        lines.append((drawn.rto_at, "RTO", _TONES[BAD], _TONES[BAD]))
    for number, (at, label, line, ink) in enumerate(lines):
        named = number >= len(ticks(drawn.length))
        paper.set_draw_color(*line)
        paper.line(left + at * scale, top - 1, left + at * scale, bottom)
        paper.set_font("helvetica", size=7)
        paper.set_text_color(*ink)
        paper.set_xy(left + at * scale - 10, top - (3.6 if named else 6.4))
        paper.cell(20, 3, label, align="C")


def _bar(paper: "FPDF", bar: Bar, left: float, y: float, scale: float) -> None:
    x, wide = left + bar.start * scale, max(0.6, (bar.end - bar.start) * scale)
    colour = _COLOURS[bar.kind]
    paper.set_font("helvetica", size=7.5)
    paper.set_text_color(*_INK)
    paper.set_xy(paper.l_margin, y)
    label = _plain(bar.label)
    while paper.get_string_width(label) > _LABELS - 3:
        label = f"{label[:-4]}..."
    paper.cell(_LABELS - 2, _BAR, label, align="R")
    paper.set_draw_color(*colour)
    paper.set_fill_color(*colour)
    paper.rect(x, y, wide, _BAR, style="D" if bar.kind == WAIT else "F")
    for start, end in bar.waits:
        _hatch(paper, left + start * scale, y, max(0.6, (end - start) * scale))
    paper.set_text_color(*_DIM)
    paper.set_xy(x + wide + 0.5, y)
    paper.cell(40, _BAR, _plain(f"{duration(bar.end - bar.start)}{f', {bar.note}' if bar.note else ''}"))


def _hatch(paper: "FPDF", x: float, y: float, wide: float) -> None:
    paper.set_draw_color(*_COLOURS[WAIT])
    paper.set_fill_color(255, 255, 255)
    paper.rect(x, y, wide, _BAR, style="DF")
    with paper.rect_clip(x, y, wide, _BAR):
        at = x - _BAR
        while at < x + wide:
            paper.line(at, y + _BAR, at + _BAR, y)
            at += 1.6


def _plain(text: str) -> str:
    """What the document's own fonts can write; other characters by their number, which is clumsy but not wrong."""
    return text.translate(_PLAIN).encode("latin-1", "backslashreplace").decode("latin-1")
