"""Drills, readiness reports, restore tests and evacuations at several moments, as values."""

from runbooks.drills import DrillOutcome, DrillPhase, DrillReport, DrillState, Leg, Soak
from runbooks.evacuation import BookState, EvacuateState, EvacuationPhase, Fate
from runbooks.models import Procedure
from runbooks.readiness import Finding, Grade, ReadinessReport, ReadinessState, Topic, report
from runbooks.restoring import RestoreProof, RestoreReport, RestoreTestState
from runbooks.runs import Outcome
from tests.triggers.samples import NOON, events

RUN = "0198a7c2-1111-7abc-8def-000000000000"


def leg(**changes: object) -> Leg:
    """The way out, gone well."""
    known: dict[str, object] = {
        "name": "out",
        "procedure": Procedure.SWITCHOVER,
        "source": "us-east-1",
        "target": "eu-west-1",
        "outcome": Outcome.COMPLETED,
        "recovery": 4.2,
        "without_writes": 1.4,
    }
    return Leg.model_validate({**known, **changes})


def soaking_drill() -> DrillState:
    """A drill that serves from elsewhere."""
    return DrillState(
        runbook="llm-platform",
        run=RUN,
        mode="full",
        phase=DrillPhase.SOAK,
        message="llm-platform serves from eu-west-1",
        source="us-east-1",
        target="eu-west-1",
        soak_until=NOON + 65,
        started_at=NOON,
        legs=(leg(),),
        soak=Soak(planned=60, began_at=NOON + 5, rounds=8),
        events=events("A drill of llm-platform, asked by ann", "llm-platform serves from eu-west-1"),
    )


def failed_drill() -> DrillState:
    """A drill whose way home was slow, with its verdict."""
    home = leg(name="home", source="eu-west-1", target="us-east-1", without_writes=2.0)
    verdict = DrillReport(
        passed=False,
        sentences=("The way out (switchover) ended completed: all is well", "Nobody looked at the system"),
        rto=60,
        rpo=5,
        recovery=4.2,
        without_writes=1.4,
    )
    return soaking_drill().model_copy(
        update={
            "phase": DrillPhase.ENDED,
            "outcome": DrillOutcome.FAILED,
            "message": "The drill did not pass",
            "ended_at": NOON + 80,
            "legs": (leg(), home),
            "soak": Soak(planned=60, began_at=NOON + 5, ended_at=NOON + 66, rounds=12, bad=1),
            "report": verdict,
            "record": "records/llm-platform/drill",
        }
    )


def readiness_report() -> ReadinessReport:
    """Something good, something old, something bad."""
    return report(
        "llm-platform",
        "0" * 64,
        NOON,
        (
            Finding(topic=Topic.PLAN, grade=Grade.OK, sentence="A failover could be planned", proven_at=NOON),
            Finding(topic=Topic.DRILL, grade=Grade.WARN, sentence="The last good drill", proven_at=NOON - 86400 * 30),
            Finding(topic=Topic.WORKERS, grade=Grade.BAD, sentence="No worker listens for eu-west-1", proven_at=NOON),
        ),
    )


def readiness() -> ReadinessState:
    """The report, made."""
    made = readiness_report()
    return ReadinessState(
        runbook="llm-platform", run=RUN, ended=True, started_at=NOON, ended_at=NOON + 3, report=made, record="records/r"
    )


def restore_test() -> RestoreTestState:
    """One backup good, one too old."""
    proofs = (
        RestoreProof(resource="vector-db", region="eu-west-1", proved=True, sentence="vector-db: 2 questions answered"),
        RestoreProof(resource="queue", region="eu-west-1", proved=False, sentence="queue: the backup is 3 d old"),
    )
    sentences = (*(proof.sentence for proof in proofs), "If only backups were left, 3 d would be lost")
    return RestoreTestState(
        runbook="llm-platform",
        run=RUN,
        region="eu-west-1",
        ended=True,
        message="The restore test failed",
        started_at=NOON,
        ended_at=NOON + 3,
        report=RestoreReport(passed=False, sentences=sentences, proofs=proofs),
    )


def evacuation() -> EvacuateState:
    """Four runbooks: one out, one wrong, one going, one waiting for a person."""
    books = (
        BookState(
            name="llm-platform",
            wave=0,
            priority=1,
            fate=Fate.ENDED,
            outcome=Outcome.RECOVERED,
            target="eu-west-1",
            sentence="it serves from eu-west-1",
            started_at=NOON,
            ended_at=NOON + 4,
        ),
        BookState(
            name="billing",
            wave=0,
            priority=2,
            fate=Fate.ENDED,
            outcome=Outcome.ABORTED,
            sentence="bob aborted the run",
            started_at=NOON + 1,
            ended_at=NOON + 9,
        ),
        BookState(name="search", wave=0, priority=3, fate=Fate.GOING, started_at=NOON + 2),
        BookState(name="reports", wave=1, priority=1),
    )
    return EvacuateState(
        region="us-east-1",
        run=RUN,
        phase=EvacuationPhase.WAITING_FOR_PERSON,
        message="1 of 2 went wrong. Waiting for a person before reports: go on, or stop",
        started_at=NOON,
        books=books,
        events=events("Evacuation of us-east-1, asked by ann"),
    )
