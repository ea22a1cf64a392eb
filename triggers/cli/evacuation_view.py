"""An evacuation as a picture, as a line, and as an exit code. Pure."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from runbooks.composite_rows import GOING as UNDER_WAY
from runbooks.composite_rows import counted, evacuation_rows
from runbooks.evacuation import EvacuateState, EvacuationOutcome, EvacuationPhase
from runbooks.words import clean
from triggers.cli.exits import Exit
from triggers.cli.frame import ASKING, BAD, GOING, GOOD, STYLES, commands, rows, standing, title
from triggers.cli.view import event_table

_CODES = {EvacuationOutcome.EVACUATED: Exit.DONE, EvacuationOutcome.REFUSED: Exit.REFUSED}
_EVENTS = 6


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
        parts += [Text(), _books(state, now)]
        if any(book.fate in UNDER_WAY for book in state.books):
            parts.append(Text("each run asks for its own answers: `evac status` shows all of them", style="dim"))
    if state.events:
        parts += [Text(), event_table(state.events[-_EVENTS:], state.started_at, whole=False)]
    if state.record:
        parts += [Text(), Text(f"record: {state.record}", style="dim")]
    return Group(*parts)


def closing(state: EvacuateState) -> str:
    """How it ended, in one line."""
    return f"{state.outcome or state.phase}: {clean(state.message)} [{counted(state)}]"


def _books(state: EvacuateState, now: float) -> RenderableType:
    table = Table.grid(padding=(0, 1), expand=True)
    for ratio in (None, None, None, None, 1):
        table.add_column(ratio=ratio, no_wrap=ratio is None)
    for row in evacuation_rows(state, now):
        style = STYLES[row.tone]
        sign, word = Text(row.mark, style=style), Text(row.word, style=style)
        table.add_row(sign, row.name, word, Text(row.took, style="dim"), clean(row.sentence))
    return table
