"""The chain: any edit, cut or reorder is found, and named."""

from hypothesis import given
from hypothesis import strategies as st

from audit.chain import Entry, broken, chain

BODIES = st.lists(
    st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(-9, 9), max_size=3), min_size=2
)


@given(BODIES)
def test_what_was_chained_holds(bodies: list[dict[str, str | int]]) -> None:
    """An untouched chain has no fault."""
    entries = chain(bodies)
    assert broken(entries, entries[-1].hash) is None


@given(BODIES, st.data())
def test_an_edit_is_found_where_it_is(bodies: list[dict[str, str | int]], data: st.DataObject) -> None:
    """A changed body is named by its number."""
    entries = chain(bodies)
    at = data.draw(st.integers(0, len(entries) - 1))
    entries[at] = entries[at].model_copy(update={"body": {**entries[at].body, "forged": True}})
    assert f"entry {at} was changed" == broken(entries)


@given(BODIES, st.data())
def test_a_cut_is_found(bodies: list[dict[str, str | int]], data: st.DataObject) -> None:
    """An entry that is gone from the middle, or from the end, is missed."""
    entries = chain(bodies)
    head = entries[-1].hash
    at = data.draw(st.integers(0, len(entries) - 1))
    del entries[at]
    assert broken(entries, head) is not None


def test_a_reorder_is_found() -> None:
    """Two entries that changed places are found."""
    one, two = chain([{"a": 1}, {"b": 2}])
    assert broken([two, one]) == "entry 0 is missing: 1 stands in its place"


def test_a_forged_hash_is_found() -> None:
    """A body that was changed together with its own hash breaks the link to the next."""
    one, two = chain([{"a": 1}, {"b": 2}])
    forged = chain([{"a": 9}])[0]
    assert isinstance(one, Entry)
    assert broken([forged, two]) == "entry 1 was changed"
