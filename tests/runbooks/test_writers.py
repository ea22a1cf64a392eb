from hypothesis import given
from hypothesis import strategies as st

from runbooks.run_calls import WritersReport
from runbooks.steps import Reading
from runbooks.writers import data_resources, unseen, violation
from tests.workflows.world import SOURCE, TARGET, runbook

BOOK = runbook()
NOW = 1000.0
PRIMARY, STANDBY = {"role": "primary"}, {"role": "standby"}
FENCED = {"role": "primary", "read_only": True}


def seen(region: str, values: dict[str, object], age: float = 0.5, state: str = "healthy") -> Reading:
    """The database in the region, as it answered."""
    return Reading.model_validate(
        {
            "resource": "vector-db",
            "region": region,
            "state": state,
            "reason": "It gave no answer within 1 s.",
            "values": values,
            "observed_at": NOW - age,
        }
    )


def silent(region: str) -> Reading:
    """It did not answer."""
    return seen(region, {}, state="unknown")


def report(*readings: Reading, vantage: str = "witness") -> WritersReport:
    """What one vantage point saw."""
    return WritersReport(vantage=vantage, readings=readings)


def test_only_what_holds_data_has_a_writer() -> None:
    """Services and names are not asked."""
    assert data_resources(BOOK) == ("vector-db",)


def test_one_writer_is_as_it_should_be() -> None:
    """A fenced primary takes no writes, so it is none."""
    assert violation(BOOK, [report(seen(SOURCE, FENCED), seen(TARGET, PRIMARY))], NOW) is None
    assert unseen(BOOK, [report(seen(SOURCE, FENCED), seen(TARGET, PRIMARY))], at=NOW) == ()


def test_two_writers_are_named_with_who_saw_them_and_when() -> None:
    """One vantage point alone is enough."""
    expected = (
        f"vector-db takes writes in 2 regions: {SOURCE} (seen by witness 0.5 s ago) "
        f"and {TARGET} (seen by witness 2.0 s ago)"
    )
    assert expected == violation(BOOK, [report(seen(SOURCE, PRIMARY), seen(TARGET, PRIMARY, age=2.0))], NOW)


def test_two_vantage_points_that_see_one_writer_each_see_two() -> None:
    """In a partition each side sees its own writer only."""
    reports = [
        report(seen(SOURCE, PRIMARY), silent(TARGET), vantage=SOURCE),
        report(silent(SOURCE), seen(TARGET, PRIMARY), vantage=TARGET),
    ]
    assert f"{SOURCE} (seen by {SOURCE} 0.5 s ago)" in (violation(BOOK, reports, NOW) or "")
    assert unseen(BOOK, reports, at=NOW) == ()


def test_silence_is_no_violation_and_is_reported() -> None:
    """Unknown is never green: what nobody saw may be a writer."""
    reports = [report(silent(SOURCE), seen(TARGET, PRIMARY))]
    assert violation(BOOK, reports, NOW) is None
    expected = (f"nobody could see vector-db in {SOURCE}: witness: It gave no answer within 1 s, 0.5 s ago",)
    assert expected == unseen(BOOK, reports, at=NOW)


def test_a_stale_reading_is_silence() -> None:
    """What was seen too long ago, or by a clock far ahead, says nothing of now."""
    for age in (60.0, -60.0):
        reports = [report(seen(SOURCE, PRIMARY, age=age), seen(TARGET, PRIMARY))]
        assert violation(BOOK, reports, NOW) is None
        assert len(unseen(BOOK, reports, at=NOW)) == 1


def test_without_any_report_everything_is_unseen() -> None:
    """Deaf vantage points make nothing green."""
    expected = tuple(f"nobody could see vector-db in {r}: no vantage point answered" for r in (SOURCE, TARGET))
    assert expected == unseen(BOOK, [])


VALUES = st.sampled_from([PRIMARY, STANDBY, FENCED, {}])


@given(st.lists(st.tuples(VALUES, VALUES), max_size=4))
def test_a_violation_is_two_regions_that_somebody_saw_take_writes(views: list[tuple[dict[str, object], ...]]) -> None:
    """Whoever saw what: no other combination of readings is one, and none is missed."""
    reports = [
        report(*(seen(r, v, state="healthy" if v else "unknown") for r, v in zip((SOURCE, TARGET), view, strict=True)))
        for view in views
    ]
    both = all(any(view[n] == PRIMARY for view in views) for n in (0, 1))
    assert both == (violation(BOOK, reports, NOW) is not None)
