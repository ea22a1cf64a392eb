"""An evacuation as a picture, as a line, and as an exit code. Pure."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from runbooks.drills import GOOD as WENT_WELL
from runbooks.durations import duration
from runbooks.evacuation import BookState, EvacuateState, EvacuationOutcome, EvacuationPhase, Fate
from runbooks.words import clean
from triggers.cli.exits import Exit
from triggers.cli.frame import ASKING, BAD, DOUBTFUL, GOING, GOOD, commands, rows, standing, title
from triggers.cli.view import event_table

_CODES = {EvacuationOutcome.EVACUATED: Exit.DONE, EvacuationOutcome.REFUSED: Exit.REFUSED}
_EVENTS = 6
_GOING = (Fate.GOING, Fate.JOINED)


def code(state: EvacuateState) -> Exit:
    """Everything elsewhere, verified, is 0."""
    if state.outcome is not None:
        return _CODES.get(state.outcome, Exit.FAILED)
    return Exit.WAITING if state.phase is EvacuationPhase.WAITING_FOR_PERSON else Exit.TIMED_OUT


def answers(state: EvacuateState) -> tuple[str, ...]:
    """The commands that move it on; none while nobody is awaited."""
    if state.phase is not EvacuationPhase.WAITING_FOR_PERSON:
        return ()
    return (f"evac evacuate {state.region} --go-on", f"evac evacuate {state.region} --stop")


def view(state: EvacuateState, now: float) -> RenderableType:
    """How many are out, who is awaited, and what has become of each runbook."""
    word, style = str(state.phase), ASKING if answers(state) else GOING
    if state.outcome is not None:
        word, style = str(state.outcome), GOOD if state.outcome is EvacuationOutcome.EVACUATED else BAD
    parts = [title(state.region, "evacuation", counted(state), state.run), standing(word, style, state.message)]
    if answers(state):
        parts += [Text(), rows(commands(answers(state)))]
    if state.books:
        parts += [Text(), _books(state.books, now)]
        if any(book.fate in _GOING for book in state.books):
            parts.append(Text("each run asks for its own answers: `evac status` shows all of them", style="dim"))
    if state.events:
        parts += [Text(), event_table(state.events[-_EVENTS:], state.started_at, whole=False)]
    if state.record:
        parts += [Text(), Text(f"record: {state.record}", style="dim")]
    return Group(*parts)


def counted(state: EvacuateState) -> str:
    """How many runbooks are out."""
    out = sum(_good(book) for book in state.books)
    going = sum(book.fate in _GOING for book in state.books)
    return f"{out} of {len(state.books)} out" + (f", {going} going" if going else "")


def closing(state: EvacuateState) -> str:
    """How it ended, in one line."""
    return f"{state.outcome or state.phase}: {clean(state.message)} [{counted(state)}]"


def _good(book: BookState) -> bool:
    return book.fate is Fate.SKIPPED or book.outcome in WENT_WELL


def _books(books: tuple[BookState, ...], now: float) -> RenderableType:
    table = Table.grid(padding=(0, 1), expand=True)
    for ratio in (None, None, None, None, 1):
        table.add_column(ratio=ratio, no_wrap=ratio is None)
    for book in books:
        sign, style = _mark(book)
        took = "" if book.started_at is None else duration((book.ended_at or now) - book.started_at)
        how = str(book.outcome or book.fate)
        what = f"-> {book.target}: {book.sentence}" if book.target and book.sentence else book.sentence or book.target
        table.add_row(Text(sign, style=style), book.name, Text(how, style=style), Text(took, style="dim"), clean(what))
    return table


def _mark(book: BookState) -> tuple[str, str]:
    if book.fate in _GOING:
        return "▸", GOING
    if book.fate is Fate.WAITING:
        return "·", "dim"
    if book.fate is Fate.NOT_STARTED:
        return "x", DOUBTFUL
    return ("✓", GOOD) if _good(book) else ("!", BAD)
