"""The home tab: the runbooks, how ready each is, what goes on, and who is awaited, with buttons that open the forms."""

import asyncio
import time
from collections.abc import Sequence

from activities.slack.blocks import Block, actions, button, context, header, section
from activities.slack.buttons import asks
from runbooks.durations import duration
from runbooks.load import LoadedRunbook
from runbooks.models import Runbook
from runbooks.readiness import ReadinessState, score
from runbooks.runs import RunState
from triggers.asking import homes
from triggers.overview import Overview, of_name
from triggers.slack.buttons import OPEN
from triggers.slack.guard import log
from triggers.slack.looking import in_short, switches
from triggers.slack.reply import ours
from triggers.slack.room import Room
from triggers.slack.said import Word

_MOST_BLOCKS = 100
_EACH = 12
_SHOWN = 25
_WORDS = (Word.FAILOVER, Word.SWITCHOVER, Word.FAILBACK, Word.DRILL, Word.READINESS)
"""In the order of the buttons."""
_STYLES = {Word.FAILOVER: "danger"}


async def publish(room: Room, user: str) -> None:
    """Show the page as it is now to that person."""
    books = (await room.books())[:_SHOWN]
    found: list[Overview | None] = [None] * len(books)
    why_not = ""
    try:
        found = list(await asyncio.gather(*(of_name(room.temporal, room.settings, one.runbook.name) for one in books)))
    except Exception as error:  # noqa: BLE001 - the page must say that, whatever it is
        log.warning("The home tab is shown without what goes on: %s", error)
        why_not = "Temporal does not answer: what goes on cannot be told. `evac status` on the server says more."
    await room.web.views_publish(user_id=user, view=home(books, found, time.time(), why_not))


def home(books: Sequence[LoadedRunbook], found: Sequence[Overview | None], now: float, why_not: str = "") -> Block:
    """The page. Pure."""
    blocks = [header("Evac"), *([section(f"*{why_not}*")] if why_not else [])]
    if not books:
        blocks.append(section("This server has no runbook: see `runbooks:` in its file."))
    known = [one for one in found if one is not None]
    told = list(dict.fromkeys(line for one in known for line in switches(one)))
    blocks += [section("\n".join(told))] if told else []
    for read, overview in zip(books, found, strict=True):
        more = _book(read.runbook, overview, now)
        if len(blocks) + len(more) >= _MOST_BLOCKS:
            blocks.append(context("… and more; `/evac list` shows all"))
            break
        blocks += more
    blocks.append(context("`/evac help` lists what can be said. This page is as it was when you opened it."))
    return {"type": "home", "blocks": [*blocks]}


def _book(book: Runbook, overview: Overview | None, now: float) -> list[Block]:
    lines = [f"*{book.name}*  {ours(', '.join(homes(book)))} (of {ours(', '.join(book.regions))})"]
    going: list[RunState] = []
    if overview is not None:
        open_ = [seen for seen in (*overview.runs, *overview.others) if seen.execution.open]
        lines += [in_short(seen, now) for seen in open_] or ["nothing is going"]
        lines.append(_ready(overview, now))
        going = [seen.state for seen in open_ if isinstance(seen.state, RunState)]
    said = [block for state in going for block in _named(asks(state), book.name)]
    row = [button(word.capitalize(), f"{OPEN}{word}", book.name, _STYLES.get(word, "")) for word in _WORDS]
    return [section("\n".join(lines)), *said[:_EACH], actions(f"open.{book.name}", row), {"type": "divider"}]


def _named(blocks: Sequence[Block], name: str) -> list[Block]:
    """The rows of several runs stand on one page: each needs a name of its own."""
    return [{**block, "block_id": f"{block['block_id']}.{name}"} if "block_id" in block else block for block in blocks]


def _ready(overview: Overview, now: float) -> str:
    """The newest readiness report: its score as it is worth today, and its age."""
    states = [seen.state for seen in overview.others if isinstance(seen.state, ReadinessState)]
    report = next((state.report for state in states if state.report is not None), None)
    if report is None:
        return "readiness: never looked at"
    word = "ready" if report.ready else "NOT READY"
    return f"readiness: {word}, {score(report, now)} of 100, looked at {duration(max(0.0, now - report.at))} ago"
