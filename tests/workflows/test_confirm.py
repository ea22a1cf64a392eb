"""Which verdicts of the detector count: those of outside vantage points, each once, and only while they are young."""

from runbooks.runs import RunInput, Trigger, Verdict
from tests.workflows.world import SOURCE, TARGET, runbook
from workflows.confirm import confirmed_already

NOW = 1_000_000.0


def confirmed(*seen: tuple[str, float]) -> bool:
    """Is the source down by what these vantage points said, so many seconds ago?"""
    verdicts = tuple(
        Verdict(vantage=place, region=SOURCE, state="unhealthy", reason="refused", at=NOW - age) for place, age in seen
    )
    trigger = Trigger(id="t", kind="watch", by="watch", at=NOW)
    return confirmed_already(RunInput(runbook=runbook(), source=SOURCE, trigger=trigger, verdicts=verdicts), NOW)


def test_a_quorum_of_young_verdicts_confirms() -> None:
    """The detector saw it a moment ago: it is not looked at a second time."""
    assert confirmed((TARGET, 1.0), ("witness", 0.5))


def test_old_verdicts_confirm_nothing() -> None:
    """What was seen long ago, or by a clock far ahead, may have passed."""
    assert not confirmed((TARGET, 60.0), ("witness", 0.5))
    assert not confirmed((TARGET, -60.0), ("witness", 0.5))


def test_the_region_itself_has_no_say() -> None:
    """A worker in the suspected region may be the one that is cut off."""
    assert not confirmed((SOURCE, 0.5), ("witness", 0.5))


def test_a_vantage_point_counts_once() -> None:
    """One place that says it twice is one place."""
    assert not confirmed(("witness", 1.0), ("witness", 0.5))
