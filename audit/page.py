"""An account as one HTML page: nothing is loaded, no script runs, it prints, and it is readable by day and by night."""

import base64
import hashlib

from audit import gantt
from audit.account_parts import Account, Section
from audit.markup import Markup, joined, tag
from runbooks.words import day

STYLE = """
:root { color-scheme: light dark; --ink: #1a1d21; --dim: #5b6470; --line: #d8dde3; --back: #fff; --panel: #f5f7f9;
  --good: #1d7f45; --calm: #4a7fb5; --warn: #a86400; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --dim: #9aa5b1; --line: #363d46; --back: #14171a;
  --panel: #1c2126; --good: #4cc27f; --calm: #7fb2e5; --warn: #e5a64b; --bad: #f2827a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1080px; padding: 32px 24px 64px; background: var(--back); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 36px 0 8px; padding-bottom: 4px; border-bottom: 1px solid var(--line); }
header p { margin: 4px 0; } .small { color: var(--dim); font-size: 13px; }
.verdict { display: inline-block; margin: 8px 0; padding: 3px 12px; border-radius: 4px; font-weight: 700;
  letter-spacing: .04em; color: var(--back); }
.verdict.good { background: var(--good); } .verdict.bad { background: var(--bad); }
.verdict.unsure { background: var(--warn); }
.proof { margin: 20px 0; padding: 10px 14px; border-left: 4px solid var(--good); background: var(--panel); }
.proof.bad { border-color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th, td { text-align: left; vertical-align: top; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; min-width: 4em; }
thead th { color: var(--dim); font-weight: 600; white-space: nowrap; }
tbody th { color: var(--dim); font-weight: 600; width: 12em; }
td.no { color: var(--bad); font-weight: 700; } td.yes { color: var(--good); }
.narrow td:last-child { font: 11.5px/1.6 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
.fixed { white-space: nowrap; overflow-wrap: normal; font-variant-numeric: tabular-nums; }
figure { margin: 0; overflow-x: auto; } figcaption { color: var(--dim); font-size: 13px; }
footer { margin-top: 40px; color: var(--dim); font-size: 13px; }
@media print {
  :root { --ink: #000; --dim: #444; --line: #bbb; --back: #fff; --panel: #fff; --good: #14602f; --calm: #2f5f8f;
    --warn: #7a4900; --bad: #8f1410; }
  @page { size: A4; margin: 15mm; }
  body { max-width: none; padding: 0; font-size: 11px; } table { font-size: 10px; }
  h2 { break-after: avoid; } tr, figure { break-inside: avoid; } .scroll { overflow: visible; }
  .verdict { border: 1px solid; color: var(--ink); background: none !important; }
  .gantt rect { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
_FIXED = frozenset({"In", "When", "Began", "Took", "Entry", "Bytes", "Tries", "Transactions", "Evidence"})


def page(told: Account) -> str:
    """The whole page. Its policy lets nothing in but this very style."""
    style = STYLE + gantt.CSS
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"
    head = joined(
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Markup('<meta name="referrer" content="no-referrer">'),
        tag("title", f"{told.title} - {told.verdict}"),
        tag("style", Markup(style)),
    )
    body = joined(_header(told), *(_section(told, section) for section in told.sections), _footer(told))
    return f"<!doctype html>\n{tag('html', tag('head', head), tag('body', body), lang='en')}\n"


def _header(told: Account) -> Markup:
    return tag(
        "header",
        tag("p", "Evac: the record of a run", class_="small"),
        tag("h1", told.title),
        tag("div", told.verdict, class_=f"verdict {told.tone}"),
        tag("p", told.summary),
        tag("p", f"Record {told.record}", class_="small"),
        tag("div", f"This record is {told.proof}.", class_=f"proof {'good' if told.intact else 'bad'}"),
    )


def _section(told: Account, section: Section) -> Markup:
    if not section.rows and not section.nothing:
        return Markup("")
    title = tag("h2", section.title)
    if not section.rows:
        return joined(title, tag("p", section.nothing, class_="small"))
    rows = [_row(section, row) for row in section.rows]
    head = [tag("thead", tag("tr", *(tag("th", column) for column in section.columns)))] if section.columns else []
    table = tag("table", *head, tag("tbody", *rows), class_="narrow" if section.narrow else "wide")
    picture = _figure(told) if section.title == "Steps" else Markup("")
    return joined(title, picture, tag("div", table, class_="scroll"))


def _row(section: Section, row: tuple[str, ...]) -> Markup:
    if not section.columns:
        return tag("tr", tag("th", row[0]), *(tag("td", cell) for cell in row[1:]))
    return tag("tr", *(_cell(name, cell) for name, cell in zip(section.columns, row, strict=True)))


def _cell(column: str, cell: str) -> Markup:
    if column in {"Met", "Counted"}:
        return tag("td", cell, class_="yes" if cell == "yes" else "no" if cell.startswith("NO") else "unknown")
    return tag("td", cell, class_="fixed") if column in _FIXED else tag("td", cell)


def _figure(told: Account) -> Markup:
    if told.chart is None or not told.chart.bars:
        return Markup("")
    caption = " ".join(
        part
        for part in (
            "Hatched: people were waited for. Green: done; blue: nothing was to be changed; orange: not as planned.",
            told.chart.rto_note,
        )
        if part
    )
    return tag("figure", Markup(gantt.svg(told.chart)), tag("figcaption", caption))


def _footer(told: Account) -> Markup:
    return tag(
        "footer",
        tag("p", f"Made from the record alone; it ended {day(told.made_of)}. All times are UTC. "),
        tag("p", "Check it again, with no server: ", tag("code", f"evac audit verify {told.record} --key signer.pub")),
    )
