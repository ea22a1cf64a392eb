"""A drill as a picture, as a line, and as an exit code. Pure."""

from rich.console import Group, RenderableType
from rich.text import Text

from runbooks.composite_rows import drill_rows
from runbooks.drills import DrillOutcome, DrillPhase, DrillState
from runbooks.durations import duration
from runbooks.words import clean, clock
from triggers.cli.exits import Exit
from triggers.cli.frame import BAD, DOUBTFUL, GOING, GOOD, STYLES, rows, standing, title
from triggers.cli.view import event_table

_CODES = {DrillOutcome.PASSED: Exit.DONE, DrillOutcome.REFUSED: Exit.REFUSED}
_STYLES = {DrillOutcome.PASSED: GOOD, DrillOutcome.TURNED: DOUBTFUL}
_EVENTS = 6


def code(state: DrillState) -> Exit:
    """Passed is 0; a drill that could not begin is refused; everything else is a bad verdict."""
    return Exit.TIMED_OUT if state.outcome is None else _CODES.get(state.outcome, Exit.FAILED)


def view(state: DrillState, now: float) -> RenderableType:
    """Where it is, its legs with what they measured, and its verdict."""
    way = f"{state.source} -> {state.target or 'not chosen yet'}"
    word, style = (state.outcome, _STYLES.get(state.outcome, BAD)) if state.outcome else (state.phase, GOING)
    parts = [
        title(state.runbook, f"{state.mode} drill", way, state.run),
        standing(str(word), style, _message(state, now)),
    ]
    legs = [(f"{one.mark} {one.name}", one.sentence, STYLES[one.tone]) for one in drill_rows(state, now)]
    if legs:
        parts += [Text(), rows(legs)]
    if state.report is not None:
        parts += [Text(), rows([("verdict" if n == 0 else "", s, "") for n, s in enumerate(state.report.sentences)])]
    elif state.events:
        parts += [Text(), event_table(state.events[-_EVENTS:], state.started_at, whole=False)]
    if state.record:
        parts += [Text(), Text(f"record: {state.record}", style="dim")]
    return Group(*parts)


def closing(state: DrillState) -> str:
    """How it ended, in one line."""
    told = f"{state.outcome or state.phase}: {clean(state.message)}"
    if state.report is None or state.report.recovery is None:
        return told
    stopped = state.report.without_writes
    writes = "" if stopped is None else f", without writes for {duration(stopped)}"
    return f"{told} [recovered in {duration(state.report.recovery)} of {duration(state.report.rto)}{writes}]"


def _message(state: DrillState, now: float) -> str:
    if state.phase is DrillPhase.SOAK and state.soak_until is not None and state.outcome is None:
        return (
            f"it serves from {state.target}; home in {duration(state.soak_until - now)} (at {clock(state.soak_until)})"
        )
    return state.message
