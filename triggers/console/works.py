"""What the pages of drills, readiness reports, restore tests and evacuations show, made of their states. Pure.

The words are those of `evac status`; the rows are `runbooks/composite_rows.py`.
"""

from collections.abc import Mapping

from runbooks.composite_rows import CompositeRow, counted, drill_rows, evacuation_rows, finding_rows, proof_rows
from runbooks.drills import DrillOutcome, DrillPhase, DrillState
from runbooks.durations import duration
from runbooks.evacuation import EvacuateState, EvacuationOutcome, EvacuationPhase
from runbooks.models import Procedure
from runbooks.readiness import ReadinessState, score
from runbooks.restoring import RestoreTestState
from runbooks.runs import Judged, RunEvent
from runbooks.values import Model, UnixTime
from runbooks.words import clock

State = DrillState | ReadinessState | RestoreTestState | EvacuateState
GO_ON_OR_STOP = "somebody who says go on, or stop"
_DRILLED = {DrillOutcome.PASSED: "good", DrillOutcome.TURNED: "warn", DrillOutcome.ABORTED: "warn"}


class Work(Model):
    """One page. `tone` and the rows' tones are only beside words that say the same."""

    procedure: Procedure
    subject: str
    """The runbook, or the region of an evacuation."""
    run: str
    word: str
    tone: str
    message: str
    awaited: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    about: str
    """What the rows are."""
    rows: tuple[CompositeRow, ...] = ()
    sentences: tuple[str, ...] = ()
    """The verdict."""
    judged: tuple[Judged, ...] = ()
    events: tuple[RunEvent, ...] = ()
    started_at: UnixTime
    ended_at: UnixTime | None = None
    record: str = ""

    @property
    def over(self) -> bool:
        """It has ended."""
        return self.ended_at is not None

    @property
    def record_name(self) -> str:
        """As the pages of the past call it."""
        return self.record.rstrip("/").rpartition("/")[2]


def work(state: State, now: float, runs: Mapping[str, str] | None = None) -> Work:
    """What there is to see. `runs`: how each run that goes on for it stands, by its runbook."""
    if isinstance(state, DrillState):
        found = _drill(state, now)
    elif isinstance(state, EvacuateState):
        found = _evacuation(state, now)
    elif isinstance(state, ReadinessState):
        found = _readiness(state, now)
    else:
        found = _restore_test(state)
    told = runs or {}
    rows = tuple(_with_run(row, told.get(row.run, "")) for row in found.rows)
    return found.model_copy(update={"rows": rows})


def runbooks_of(state: State) -> tuple[str, ...]:
    """The runbooks whose runs go on for it now."""
    if isinstance(state, DrillState | EvacuateState):
        rows = drill_rows(state, 0.0) if isinstance(state, DrillState) else evacuation_rows(state, 0.0)
        return tuple(row.run for row in rows if row.run)
    return ()


def _with_run(row: CompositeRow, told: str) -> CompositeRow:
    said = ". ".join(part for part in (row.sentence, told) if part)
    return row.model_copy(update={"sentence": said}) if told else row


def _word(text: str) -> str:
    return text.upper().replace("-", " ")


def _drill(state: DrillState, now: float) -> Work:
    message = state.message
    if state.phase is DrillPhase.SOAK and state.soak_until is not None and state.outcome is None:
        left = duration(max(0.0, state.soak_until - now))
        message = f"it serves from {state.target}; home in {left} (at {clock(state.soak_until)})"
    facts = [("Kind", f"{state.mode} drill"), ("From, to", f"{state.source} -> {state.target or 'not chosen yet'}")]
    report = state.report
    if report is not None:
        recovered = "not measured" if report.recovery is None else duration(report.recovery)
        facts.append(("Recovered in", f"{recovered}, RTO {duration(report.rto)}"))
        if report.without_writes is not None:
            facts.append(("Without writes", duration(report.without_writes)))
        facts += [("Loss", loss.sentence) for loss in report.losses]
    return Work(
        procedure=Procedure.DRILL,
        subject=state.runbook,
        run=state.run,
        word=_word(state.outcome or state.phase),
        tone="calm" if state.outcome is None else _DRILLED.get(state.outcome, "bad"),
        message=message,
        facts=tuple(facts),
        about="Legs",
        rows=drill_rows(state, now),
        sentences=() if report is None else report.sentences,
        judged=state.decisions,
        events=state.events,
        started_at=state.started_at,
        ended_at=state.ended_at,
        record=state.record,
    )


def _evacuation(state: EvacuateState, now: float) -> Work:
    waits = state.phase is EvacuationPhase.WAITING_FOR_PERSON
    tone = "warn" if waits else "calm"
    if state.outcome is not None:
        tone = "good" if state.outcome is EvacuationOutcome.EVACUATED else "bad"
    said = [(word.by, f"{word.reason or 'no reason given'} ({clock(word.at)})") for word in state.words]
    return Work(
        procedure=Procedure.EVACUATE,
        subject=state.region,
        run=state.run,
        word=_word(state.outcome or state.phase),
        tone=tone,
        message=state.message,
        awaited=GO_ON_OR_STOP if waits else "",
        facts=(("Runbooks", counted(state)), *((f"Said by {by}", told) for by, told in said)),
        about="Runbooks",
        rows=evacuation_rows(state, now),
        events=state.events,
        started_at=state.started_at,
        ended_at=state.ended_at,
        record=state.record,
    )


def _readiness(state: ReadinessState, now: float) -> Work:
    report = state.report
    if report is None:
        word, tone = ("FAILED", "bad") if state.ended_at is not None else ("LOOKING", "calm")
    else:
        word, tone = ("READY", "good") if report.ready else ("NOT READY", "bad")
    return Work(
        procedure=Procedure.READINESS,
        subject=state.runbook,
        run=state.run,
        word=word,
        tone=tone,
        message=state.message,
        facts=() if report is None else (("Score", f"{score(report, now)} of 100"),),
        about="Findings",
        rows=() if report is None else finding_rows(report, now),
        events=state.events,
        started_at=state.started_at,
        ended_at=state.ended_at,
        record=state.record,
    )


def _restore_test(state: RestoreTestState) -> Work:
    report, message = state.report, state.message
    word, tone = ("FAILED", "bad") if state.ended_at is not None else ("RESTORING", "calm")
    rows: tuple[CompositeRow, ...] = ()
    rest: tuple[str, ...] = ()
    if report is not None:
        word, tone = ("PASSED", "good") if report.passed else ("FAILED", "bad")
        message = message.partition(":")[0]  # what follows is said by the proofs
        known = {proof.sentence for proof in report.proofs}
        rows, rest = proof_rows(report), tuple(one for one in report.sentences if one not in known)
    return Work(
        procedure=Procedure.RESTORE_TEST,
        subject=state.runbook,
        run=state.run,
        word=word,
        tone=tone,
        message=message,
        facts=(("Restored in", state.region),),
        about="Stores",
        rows=rows,
        sentences=rest,
        events=state.events,
        started_at=state.started_at,
        ended_at=state.ended_at,
        record=state.record,
    )
