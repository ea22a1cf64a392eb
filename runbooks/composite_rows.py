"""What is made of runs, row by row: a drill's legs, an evacuation's runbooks, findings, restored stores. Pure."""

from typing import Literal

from runbooks.drills import GOOD, DrillState, Leg, Soak
from runbooks.durations import duration
from runbooks.evacuation import BookState, EvacuateState, Fate
from runbooks.readiness import Finding, Grade, ReadinessReport
from runbooks.restoring import RestoreReport
from runbooks.values import Model

RowTone = Literal["good", "bad", "doubtful", "going", "quiet"]
GOING = frozenset({Fate.GOING, Fate.JOINED})
"""The run of such a runbook goes on."""
LEGS = {"out": "way out", "home": "way home", "rehearsal": "rehearsal"}
_WORST_FIRST = (Grade.BAD, Grade.UNKNOWN, Grade.WARN, Grade.OK)
_GRADES: dict[Grade, RowTone] = {Grade.BAD: "bad", Grade.UNKNOWN: "bad", Grade.WARN: "doubtful", Grade.OK: "good"}
_MIN_AGE = 3600.0
"""What was proved longer ago than this says so."""


class CompositeRow(Model):
    """One row: a sign, what it is about, how that stands in a word, and a sentence."""

    mark: str
    name: str
    word: str = ""
    sentence: str = ""
    tone: RowTone = "quiet"
    took: str = ""
    run: str = ""
    """The runbook whose run it is, while that goes on."""
    record: str = ""


def drill_rows(state: DrillState, now: float) -> tuple[CompositeRow, ...]:
    """Its legs, and what was seen between them."""
    found = [_leg(leg, state.runbook) for leg in state.legs]
    if state.soak is not None:
        found.insert(1, _soaked(state.soak, now))
    return tuple(found)


def evacuation_rows(state: EvacuateState, now: float) -> tuple[CompositeRow, ...]:
    """What has become of each runbook, in the order in which they go."""
    return tuple(_book(book, now) for book in state.books)


def counted(state: EvacuateState) -> str:
    """How many runbooks are out."""
    out = sum(_out(book) for book in state.books)
    going = sum(book.fate in GOING for book in state.books)
    return f"{out} of {len(state.books)} out" + (f", {going} going" if going else "")


def finding_rows(report: ReadinessReport, now: float) -> tuple[CompositeRow, ...]:
    """Every finding, the worst first."""
    found = sorted(report.findings, key=lambda finding: _WORST_FIRST.index(finding.grade))
    return tuple(_finding(one, now) for one in found)


def proof_rows(report: RestoreReport) -> tuple[CompositeRow, ...]:
    """Each store's proof."""
    return tuple(
        CompositeRow(
            mark="✓" if proof.proved else "!",
            name=proof.resource,
            word="proved" if proof.proved else "not proved",
            sentence=proof.sentence,
            tone="good" if proof.proved else "bad",
        )
        for proof in report.proofs
    )


def _leg(leg: Leg, runbook: str) -> CompositeRow:
    name = LEGS[leg.name]
    if leg.outcome is None:
        way = f"{leg.procedure} {leg.source} -> {leg.target or '?'}"
        return CompositeRow(mark="▸", name=name, word="going", sentence=way, tone="going", run=runbook)
    measured = [f"{leg.procedure} {leg.outcome}"]
    measured += [f"{duration(leg.recovery)} from the request to verified"] if leg.recovery is not None else []
    measured += [f"without writes for {duration(leg.without_writes)}"] if leg.without_writes is not None else []
    well = leg.outcome in GOOD
    return CompositeRow(
        mark="✓" if well else "!",
        name=name,
        word=leg.outcome.value,
        sentence=", ".join(measured) + ("" if well else f": {leg.message}"),
        tone="good" if well else "bad",
        record=leg.record,
    )


def _soaked(soak: Soak, now: float) -> CompositeRow:
    lasted = duration((now if soak.ended_at is None else soak.ended_at) - soak.began_at)
    told = f"{lasted} of {duration(soak.planned)}: {soak.rounds} rounds of checks, {soak.bad} bad"
    told += f", {soak.unknown} without an answer" if soak.unknown else ""
    if soak.ended_at is None:
        return CompositeRow(mark="▸", name="soak", word="going", sentence=told, tone="going")
    if soak.bad:
        return CompositeRow(mark="!", name="soak", word="bad", sentence=told, tone="bad")
    return CompositeRow(mark="✓", name="soak", word="good", sentence=told, tone="good")


def _book(book: BookState, now: float) -> CompositeRow:
    mark, tone = _sign(book)
    told = f"-> {book.target}: {book.sentence}" if book.target and book.sentence else book.sentence or book.target
    return CompositeRow(
        mark=mark,
        name=book.name,
        word=str(book.outcome or book.fate),
        sentence=told,
        tone=tone,
        took="" if book.started_at is None else duration((book.ended_at or now) - book.started_at),
        run=book.name if book.fate in GOING else "",
        record=book.record,
    )


def _sign(book: BookState) -> tuple[str, RowTone]:
    if book.fate in GOING:
        return "▸", "going"
    if book.fate is Fate.WAITING:
        return "·", "quiet"
    if book.fate is Fate.NOT_STARTED:
        return "x", "doubtful"
    return ("✓", "good") if _out(book) else ("!", "bad")


def _out(book: BookState) -> bool:
    return book.fate is Fate.SKIPPED or book.outcome in GOOD


def _finding(finding: Finding, now: float) -> CompositeRow:
    proven = finding.proven_at
    old = proven is not None and now - proven > _MIN_AGE
    return CompositeRow(
        mark={"good": "✓", "doubtful": "?"}.get(_GRADES[finding.grade], "!"),
        name=finding.topic.value,
        word=finding.grade.value,
        sentence=finding.sentence + (f" (proved {duration(now - (proven or 0.0))} ago)" if old else ""),
        tone=_GRADES[finding.grade],
    )
