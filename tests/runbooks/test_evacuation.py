"""Which runbooks leave a region, and in which order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.evacuation import EvacuationError, waves, why_nothing
from runbooks.models import Runbook
from runbooks.probes import PUBLIC
from runbooks.steps import Reading
from tests.workflows.world import SOURCE, TARGET, runbook

NOW = 1_000_000.0


def books(needs: dict[str, list[str]], **priorities: int) -> list[Runbook]:
    """One runbook for each name."""
    return [runbook(name=name, depends_on=on, priority=priorities.get(name, 100)) for name, on in needs.items()]


def test_waves_follow_what_depends_on_what() -> None:
    """A wave is everything whose needs have gone; in it the smaller priority goes first, then the name."""
    found = waves(books({"shop": ["db", "auth"], "auth": ["db"], "db": [], "mail": [], "blog": []}, mail=1), SOURCE)
    assert found == (("mail", "blog", "db"), ("auth",), ("shop",))


def test_what_does_not_know_the_region_is_no_hindrance() -> None:
    """Nor is a need that nobody gave."""
    elsewhere = {"r1": {"role": "active", "traffic": 100}, "r2": {"role": "standby", "traffic": 0}}
    settings = {region: {"agent": f"http://{region}"} for region in elsewhere}
    other = {"service": {"kind": "process", "replicas": {"r1": 1, "r2": 1}, "settings": settings}}
    given = [runbook(name="db", regions=elsewhere, resources=other, checks=[]), *books({"shop": ["db", "unknown"]})]
    assert waves(given, SOURCE) == (("shop",),)


def test_a_circle_is_named() -> None:
    """What merely hangs on the circle is not in the sentence."""
    with pytest.raises(EvacuationError, match=r"^(a -> b -> a|b -> a -> b) depend on one another"):
        waves(books({"shop": ["a"], "a": ["b"], "b": ["a"]}), SOURCE)


def test_two_of_one_name_are_refused() -> None:
    """One of them would never be moved."""
    with pytest.raises(EvacuationError, match=r"two runbooks have the same name \(db\)"):
        waves([*books({"db": []}), *books({"db": []})], SOURCE)


NAMES = [f"n{number}" for number in range(7)]


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3), max_size=7))
def test_each_goes_once_and_after_all_that_it_needs(needs: dict[str, list[str]]) -> None:
    """Or there is a circle."""
    try:
        found = waves(books(needs), SOURCE)
    except EvacuationError:
        return
    order = {name: number for number, wave in enumerate(found) for name in wave}
    assert sorted(needs) == sorted(name for wave in found for name in wave)
    assert all(order[on] < order[name] for name, ons in needs.items() for on in ons if on in needs)


def seen(resource: str, region: str, **values: object) -> Reading:
    """A good reading."""
    return Reading.model_validate(
        {
            "resource": resource,
            "region": region,
            "state": "healthy",
            "reason": "",
            "values": values,
            "observed_at": NOW,
        }
    )


def led(*regions: str) -> Reading:
    """Where the public name leads."""
    return seen("name", PUBLIC, regions=list(regions), addresses=[], ttl=1)


def test_nothing_is_to_move_when_all_is_seen_elsewhere() -> None:
    """The writer and the name: both must be seen."""
    writer = seen("vector-db", TARGET, role="primary")
    assert "there is nothing to move out of it" in str(why_nothing(runbook(), SOURCE, [writer, led(TARGET)], NOW))


@pytest.mark.parametrize(
    "readings",
    [
        [],
        [led(SOURCE), seen("vector-db", TARGET, role="primary")],
        [led(SOURCE, TARGET), seen("vector-db", TARGET, role="primary")],
        [led(TARGET), seen("vector-db", TARGET, role="standby")],
        [led(TARGET), seen("vector-db", TARGET, role="primary", read_only=True)],
        [led(TARGET)],
    ],
)
def test_in_doubt_it_is_moved(readings: list[Reading]) -> None:
    """Its own planner decides."""
    assert why_nothing(runbook(), SOURCE, readings, NOW) is None


def test_a_standby_that_nothing_leads_to_holds_nothing() -> None:
    """The region of a system that serves from home, as seen while nobody answers for the name."""
    assert why_nothing(runbook(), TARGET, [seen("vector-db", SOURCE, role="primary")], NOW) is not None
    assert why_nothing(runbook(), TARGET, [], NOW) is None


def test_a_system_without_stores_and_names_is_where_it_is_declared() -> None:
    """There is nothing to look at."""
    service = {"service": runbook().resources["service"].model_copy(update={"needs": ()}).model_dump(mode="json")}
    book = runbook(resources=service, checks=[])
    assert why_nothing(book, SOURCE, [], NOW) is None
    assert why_nothing(book, TARGET, [], NOW) is not None
