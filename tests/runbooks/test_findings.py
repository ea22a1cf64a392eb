"""What a readiness report makes of what was proved before, and when."""

import pytest

from runbooks.findings import drilled, planned, restore_tested, secrets, sources, workers
from runbooks.models import Procedure, Resource, Runbook
from runbooks.plan import checksum_of, declared_checksum
from runbooks.readiness import DAY, Finding, Grade, Topic
from runbooks.reports import Past, Proof
from runbooks.values import Slug
from tests.workflows.world import SOURCE, TARGET, runbook

NOW = 1_000_000_000.0


def proof(days: float, *, passed: bool = True, book: Runbook | None = None, mode: str = "full") -> Proof:
    """A report that ended so many days ago."""
    return Proof(ended_at=NOW - days * DAY, passed=passed, mode=mode, checksum=declared_checksum(book or runbook()))


def past(procedure: Procedure, good: Proof | None, newest: Proof | None = None) -> Past:
    """Of one procedure."""
    newest = newest or good
    return Past(good={procedure: good} if good else {}, newest={procedure: newest} if newest else {})


def graded(findings: list[Finding]) -> list[Grade]:
    """How each stands."""
    return [finding.grade for finding in findings]


@pytest.mark.parametrize(
    ("good", "newest", "grade", "said"),
    [
        (proof(10), None, Grade.OK, "The last good drill ended 10 d ago"),
        (proof(100), None, Grade.WARN, "The last good drill ended 100 d ago"),
        (
            proof(10),
            proof(1, passed=False),
            Grade.BAD,
            "The newest drill, 1 d ago, was not good; the last good one ended 10 d ago",
        ),
        (
            None,
            proof(1, passed=False),
            Grade.BAD,
            "The newest drill, 1 d ago, was not good; none has ever been good",
        ),
        (None, None, Grade.UNKNOWN, "No drill has ever been made"),
    ],
)
def test_the_age_of_the_last_good_drill(good: Proof | None, newest: Proof | None, grade: Grade, said: str) -> None:
    """Too old is a warning; a failed one since is bad; it counts half after the time for which it is to count."""
    finding = drilled(runbook(), past(Procedure.DRILL, good, newest), NOW)[0]
    assert (finding.grade, finding.sentence) == (grade, said)
    assert finding.proven_at == (good.ended_at if good else None)
    assert good is None or finding.half_life == 90 * DAY


class LaterResource(Resource):
    """As a later release may have it."""

    mirrors: int = 1


class LaterRunbook(Runbook):
    """As a later release may have it."""

    tier: str = "gold"
    resources: dict[Slug, LaterResource]  # type: ignore[assignment]  # each is one of ours and more


def test_an_upgrade_is_no_edit() -> None:
    """Fields that a later release adds, defaults written out, and proofs of older releases say that nothing changed."""
    book = runbook()
    later = LaterRunbook.model_validate(book.model_dump())
    assert declared_checksum(later) == declared_checksum(book)
    written_out = Runbook.model_validate(book.model_dump())
    older = proof(10).model_copy(update={"checksum": checksum_of(book)})
    for seen, good in ((later, proof(10)), (written_out, proof(10)), (book, older)):
        drift = drilled(seen, past(Procedure.DRILL, good), NOW)[1]
        assert (drift.grade, drift.sentence) == (Grade.OK, "The runbook is the one of the last good drill")
    edited = drilled(later.model_copy(update={"tier": "lead"}), past(Procedure.DRILL, proof(10)), NOW)[1]
    assert edited.grade is Grade.WARN


def test_drift_is_only_known_against_a_good_drill() -> None:
    """The same, edited since, never proved, and records that cannot be read."""
    edited = past(Procedure.DRILL, proof(1, book=runbook(description="as it was")))
    assert graded(drilled(runbook(), past(Procedure.DRILL, proof(1)), NOW)) == [Grade.OK, Grade.OK]
    assert graded(drilled(runbook(), edited, NOW)) == [Grade.OK, Grade.WARN]
    assert graded(drilled(runbook(), Past(), NOW)) == [Grade.UNKNOWN, Grade.UNKNOWN]
    assert graded(drilled(runbook(), None, NOW)) == [Grade.UNKNOWN, Grade.UNKNOWN]


def test_the_age_of_the_last_restore_test() -> None:
    """As that of drills."""
    ages = [restore_tested(past(Procedure.RESTORE_TEST, proof(days)), NOW) for days in (1, 100)]
    failed = restore_tested(past(Procedure.RESTORE_TEST, None, proof(1, passed=False)), NOW)
    assert graded([*ages, failed]) == [Grade.OK, Grade.WARN, Grade.BAD]
    assert graded([restore_tested(Past(), NOW), restore_tested(None, NOW)]) == [Grade.UNKNOWN, Grade.UNKNOWN]


def test_what_nobody_answered_is_unknown() -> None:
    """And never green."""
    assert graded(secrets("", None, "no answer", NOW)) == [Grade.UNKNOWN]
    assert graded(workers(runbook(), "evac", None, NOW)) == [Grade.UNKNOWN]


def test_no_worker_for_the_procedures_is_bad() -> None:
    """Whoever else listens."""
    ages = {"evac": None, f"evac@{SOURCE}": 1.0, f"evac@{TARGET}": 1.0, "evac@witness": 1.0}
    found = workers(runbook(), "evac", ages, NOW)
    assert graded(found) == [Grade.BAD, Grade.OK, Grade.OK, Grade.OK]
    assert found[0].sentence == "No worker listens for the procedures: nothing can be run"


def test_a_plan_that_cannot_be_made_is_bad() -> None:
    """With the planner's sentence."""
    [found] = planned(SOURCE, None, "there is nothing to move", NOW)
    assert (found.topic, found.grade) == (Topic.PLAN, Grade.BAD)
    assert found.sentence == f"No failover out of {SOURCE} can be planned: there is nothing to move"


def test_every_active_region_is_a_direction() -> None:
    """And a standby that carries traffic."""
    regions = {
        "a": {"role": "active", "traffic": 60},
        "b": {"role": "active", "traffic": 0},
        "c": {"role": "standby", "traffic": 40},
        "d": {"role": "standby", "traffic": 0},
    }
    assert sources(runbook(regions=regions)) == ("a", "b", "c")
