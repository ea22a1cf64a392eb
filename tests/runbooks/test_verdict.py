"""The verdict on a drill, from what its runs measured."""

from runbooks.drills import DrillReport, Leg, Soak
from runbooks.models import Procedure
from runbooks.plan import Loss
from runbooks.runs import Outcome
from runbooks.verdict import verdict
from tests.workflows.world import SOURCE, TARGET, runbook

SOAK = Soak(planned=60, began_at=0, ended_at=60, rounds=12)


def leg(*, home: bool = False, **changes: object) -> Leg:
    """One that went through in ten seconds."""
    places = {"name": "out", "source": SOURCE, "target": TARGET}
    if home:
        places = {"name": "home", "source": TARGET, "target": SOURCE}
    measured = {"recovery": 10.0, "decided": 1.0, "without_writes": 4.0, "outcome": Outcome.COMPLETED}
    return Leg.model_validate({"procedure": Procedure.SWITCHOVER, **places, **measured, **changes})


def judged(*legs: Leg, soak: Soak | None = SOAK) -> DrillReport:
    """By the runbook's objectives: a minute, and five seconds."""
    return verdict(runbook(), legs, soak, "full")


def test_passes_within_the_objectives() -> None:
    """And says each of them."""
    report = judged(leg(), leg(home=True))
    assert report.passed
    assert report.sentences[2:] == (
        "Recovered 10 s after the request (decided after 1 s); the objective is 1 min",
        "No writes for at most 4 s",
        "Away from home for 1 min of 1 min: 12 of 12 rounds of checks were good",
        f"Home again in {SOURCE}",
    )
    assert (report.recovery, report.without_writes, report.rto, report.rpo) == (10.0, 4.0, 60.0, 5.0)


def test_what_was_not_measured_does_not_pass() -> None:
    """Unknown is never green."""
    report = judged(leg(recovery=None), leg(home=True))
    assert not report.passed
    assert "The recovery time could not be measured; the objective is 1 min" in report.sentences


def test_a_planned_move_may_lose_nothing() -> None:
    """One transaction is one too many; seconds may be as many as the objective."""
    lost = Loss(resource="db", region=TARGET, transactions=1, sentence="1 transaction")
    late = Loss(resource="db", region=TARGET, transactions=0, seconds=2.0, sentence="2 s at most")
    assert not judged(leg(losses=(lost,)), leg(home=True)).passed
    assert not judged(leg(), leg(home=True, losses=(lost,))).passed
    assert judged(leg(losses=(late,)), leg(home=True)).passed


def test_a_soak_with_one_bad_round_does_not_pass() -> None:
    """Nor one that nobody saw; a round without an answer among good ones is only said."""
    assert not judged(leg(), leg(home=True), soak=SOAK.model_copy(update={"bad": 1})).passed
    assert not judged(leg(), leg(home=True), soak=SOAK.model_copy(update={"unknown": 12})).passed
    assert not judged(leg(), leg(home=True), soak=None).passed
    assert judged(leg(), leg(home=True), soak=SOAK.model_copy(update={"unknown": 1})).passed


def test_a_drill_that_is_not_home_does_not_pass() -> None:
    """The sentence says where the system is."""
    assert judged(leg()).sentences[-1] == f"Not home again: it serves from {TARGET}"
    assert judged(leg(outcome=Outcome.REFUSED)).sentences[-1] == "It did not come home from anywhere"
    assert not judged(leg(), leg(home=True, outcome=Outcome.APPLIED_NOT_CONFIRMED)).passed
    assert not judged().passed


def test_what_was_promoted_must_have_had_everything_or_be_measured() -> None:
    """What nobody measured may be lost."""
    assert not judged(leg(promoted=("db", "cache"), whole=("db",)), leg(home=True)).passed
    report = judged(
        leg(promoted=("db", "cache"), whole=("cache", "db")), leg(home=True, promoted=("db",), whole=("db",))
    )
    assert report.passed
    assert "Nothing of cache and db was lost on the way out" in report.sentences
    assert "Nothing of db was lost on the way home" in report.sentences
