"""A run as a picture of its time: what was done when, how long people were waited for, and where the RTO ended. Pure.

`chart` is the geometry in seconds, which the PDF draws, too; `svg` is one inline picture without scripts, styles or
outside references. Its classes are coloured by the page that shows it (`CSS`).
"""

import math
from collections.abc import Iterator
from html import escape

from audit.measures import approval_wait
from runbooks.durations import duration
from runbooks.models import PLANNED
from runbooks.outlook import began
from runbooks.runs import RunState, Status
from runbooks.steps import Verb
from runbooks.values import Model, Seconds

PHASE, WAIT, DONE, UNCHANGED, ODD = "phase", "wait", "done", "unchanged", "odd"
"""What a bar is: a phase before the steps, a wait for people, a step that acted, that had nothing to do, that was not
done as planned."""

_ASKED = "Waiting for a person"
"""How the story says that a step cannot go on by itself (`workflows/board.py`)."""
_KINDS = {Status.DONE: DONE, Status.UNCHANGED: UNCHANGED}
_FAR = 1.6
"""An objective further off than so many times the run is named beside the picture: drawn, it would squeeze the rest."""
_ROW, _BAR, _TOP, _LABELS, _RIGHT, _LETTER = 22, 14, 34, 300, 70, 6.4
_TICKS = 6

_HATCH = (
    '<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line class="hatch" x1="0" y1="0" x2="0" y2="7"/></pattern></defs>'
)

CSS = """
.gantt { width: 100%; height: auto; font: 12px/1 system-ui, sans-serif; }
.gantt text { fill: var(--ink); } .gantt .dim { fill: var(--dim); }
.gantt .grid { stroke: var(--line); stroke-width: 1; }
.gantt .phase { fill: var(--dim); } .gantt .done { fill: var(--good); } .gantt .unchanged { fill: var(--calm); }
.gantt .odd { fill: var(--warn); } .gantt .hatch { stroke: var(--warn); stroke-width: 3; }
.gantt .back { fill: var(--back); }
.gantt .wait { fill: url(#hatch); stroke: var(--warn); stroke-width: 1; }
.gantt .rto { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 5 3; } .gantt .rto-label { fill: var(--bad); }
.gantt .serving { stroke: var(--good); stroke-width: 1.5; } .gantt .serving-label { fill: var(--good); }
"""


class Bar(Model):
    """One row: from `start` to `end`, in seconds after the chart's begin."""

    label: str
    start: Seconds
    end: Seconds
    kind: str
    note: str = ""
    waits: tuple[tuple[Seconds, Seconds], ...] = ()
    """When, within it, people were waited for."""


class Chart(Model):
    """The picture. `rto_at` is None where the objective is too far off to be drawn; `rto_note` says where it is."""

    length: Seconds
    bars: tuple[Bar, ...]
    rto_at: Seconds | None = None
    rto_note: str = ""
    serving_at: Seconds | None = None


def chart(state: RunState) -> Chart:
    """The run's bars, in the order in which they began."""
    zero = began(state)
    bars = [*_phases(state, zero), *_steps(state, zero), *_confirmation(state, zero)]
    length = max([0.001, *(bar.end for bar in bars), (state.ended_at or state.started_at) - zero])
    limit = _limit(state, zero)
    drawn = limit is not None and limit <= length * _FAR
    if drawn and limit is not None:
        length = max(length, limit * 1.02)
    where = "the writes' stop" if state.procedure in PLANNED else "the begin"
    note = "" if drawn or limit is None else f"The RTO ends {duration(state.rto)} after {where}: beyond this picture."
    serving = None if state.serving_at is None else max(0.0, state.serving_at - zero)
    return Chart(length=length, bars=tuple(bars), rto_at=limit if drawn else None, rto_note=note, serving_at=serving)


def _limit(state: RunState, zero: float) -> float | None:
    """When the RTO ends: counted from the begin, or, where nothing was down, from when writes stopped."""
    if state.procedure not in PLANNED:
        return state.rto
    fences = {step.id for step in state.plan.steps if step.verb is Verb.FENCE} if state.plan else set()
    stops = [step.started_at for step in state.steps if step.id in fences and step.started_at is not None]
    return min(stops) - zero + state.rto if stops else None


def _phases(state: RunState, zero: float) -> Iterator[Bar]:
    """Before the steps: until it was noticed or asked for, then thinking, then waiting."""
    waited = approval_wait(state)
    decided = state.decided_at or state.ended_at or state.started_at
    thought = waited[0] if waited else decided
    if state.started_at - zero > 0:
        yield _bar("Until the run began", zero, state.started_at, zero, PHASE)
    yield _bar("Confirm, observe, plan", state.started_at, thought, zero, PHASE)
    if waited is not None:
        yield _waiting("Wait for approval", *waited, zero)


def _steps(state: RunState, zero: float) -> Iterator[Bar]:
    sentences = {step.id: step.sentence for step in state.plan.steps} if state.plan else {}
    begun = [step for step in state.steps if step.started_at is not None]
    for step in sorted(begun, key=lambda step: (step.started_at or 0.0, step.id)):
        start = step.started_at or 0.0
        end = step.ended_at or state.ended_at or start
        proved = step.result is None or step.result.proved
        kind = _KINDS.get(step.status, ODD) if proved else ODD
        note = "" if kind != ODD else "not proved" if not proved else step.status.value
        bar = _bar(sentences.get(step.id, step.id), start, end, zero, kind, note)
        asked = min((e.at for e in state.events if e.step == step.id and _ASKED in e.text), default=None)
        yield bar if asked is None else bar.model_copy(update={"waits": ((max(bar.start, asked - zero), bar.end),)})


def _confirmation(state: RunState, zero: float) -> Iterator[Bar]:
    """After the steps: the wait for somebody who says that what was moved stays."""
    ends = [step.ended_at for step in state.steps if step.ended_at is not None]
    if state.confirm_until is not None and state.ended_at is not None and ends:
        yield _waiting("Wait for confirmation", max(ends), state.ended_at, zero)


def _waiting(label: str, start: float, end: float, zero: float) -> Bar:
    bar = _bar(label, start, end, zero, WAIT)
    return bar.model_copy(update={"waits": ((bar.start, bar.end),)})


def _bar(label: str, start: float, end: float, zero: float, kind: str, note: str = "") -> Bar:  # noqa: PLR0913, PLR0917 - a row
    begin = max(0.0, start - zero)
    return Bar(label=label, start=begin, end=max(begin, end - zero), kind=kind, note=note)


def ticks(length: float) -> list[float]:
    """Round times for the axis."""
    step = 10 ** math.floor(math.log10(max(length, 0.001) / _TICKS))
    step = next(step * by for by in (1, 2, 5, 10, 20) if length / (step * by) <= _TICKS)
    return [number * step for number in range(int(length / step + 1e-9) + 1)]


def svg(drawn: Chart, width: int = 960) -> str:
    """The chart as one inline `<svg>`."""
    height = _TOP + _ROW * len(drawn.bars) + 8
    scale = (width - _LABELS - _RIGHT) / drawn.length
    parts = [
        f'<svg class="gantt" viewBox="0 0 {width} {height}" role="img" aria-label="What was done when">',
        _HATCH,
        *_axis(drawn, scale, height),
    ]
    for number, bar in enumerate(drawn.bars):
        parts += _row(bar, _TOP + number * _ROW, scale)
    if drawn.serving_at is not None:
        parts += _line("serving", "serves", drawn.serving_at, scale, height)
    if drawn.rto_at is not None:
        parts += _line("rto", "RTO", drawn.rto_at, scale, height)
    return "\n".join([*parts, "</svg>"])


def _axis(drawn: Chart, scale: float, height: int) -> Iterator[str]:
    for tick in ticks(drawn.length):
        x = _LABELS + tick * scale
        yield f'<line class="grid" x1="{x:.1f}" y1="{_TOP - 8}" x2="{x:.1f}" y2="{height - 4}"/>'
        yield f'<text class="dim" x="{x:.1f}" y="12" text-anchor="middle">{escape(duration(tick))}</text>'


def _row(bar: Bar, y: int, scale: float) -> Iterator[str]:
    left, wide = _LABELS + bar.start * scale, max(2.0, (bar.end - bar.start) * scale)
    most = int((_LABELS - 12) / _LETTER)
    label = bar.label if len(bar.label) <= most else f"{bar.label[: most - 1]}…"
    said = f"{duration(bar.end - bar.start)}{f', {bar.note}' if bar.note else ''}"
    yield f"<g><title>{escape(bar.label)}: {escape(said)}, from {escape(duration(bar.start))} on</title>"
    yield f'<text x="{_LABELS - 10}" y="{y + 11}" text-anchor="end">{escape(label)}</text>'
    yield f'<rect class="{escape(bar.kind)}" x="{left:.1f}" y="{y}" width="{wide:.1f}" height="{_BAR}" rx="2"/>'
    for start, end in bar.waits:
        x, long = _LABELS + start * scale, max(2.0, (end - start) * scale)
        yield f'<rect class="back" x="{x:.1f}" y="{y}" width="{long:.1f}" height="{_BAR}"/>'
        yield f'<rect class="wait" x="{x:.1f}" y="{y}" width="{long:.1f}" height="{_BAR}"/>'
    yield f'<text class="dim" x="{left + wide + 5:.1f}" y="{y + 11}">{escape(said)}</text></g>'


def _line(name: str, label: str, at: float, scale: float, height: int) -> Iterator[str]:
    x = _LABELS + at * scale
    yield f'<line class="{name}" x1="{x:.1f}" y1="{_TOP - 10}" x2="{x:.1f}" y2="{height - 4}"/>'
    yield f'<text class="{name}-label" x="{x:.1f}" y="{_TOP - 12}" text-anchor="middle">{label}</text>'
