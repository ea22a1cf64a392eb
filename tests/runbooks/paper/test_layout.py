"""Where the steps of a plan are drawn: everything points downwards, nothing lies on anything else."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from runbooks.paper.layout import BOX, lay_out

WIDE, HIGH = BOX


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], dict[str, list[str]]]:
    """Up to fifteen steps; each may wait for some of those before it."""
    order = [f"step{number}" for number in range(draw(st.integers(0, 15)))]
    needs: dict[str, list[str]] = {}
    for number, name in enumerate(order):
        needs[name] = draw(st.lists(st.sampled_from(order[:number]), unique=True, max_size=4)) if number else []
    return order, needs


@given(graphs())
@settings(max_examples=60, deadline=None)
def test_no_two_boxes_touch_and_every_edge_goes_down(graph: tuple[list[str], dict[str, list[str]]]) -> None:
    """All boxes are inside of the picture; an edge passes each layer between once."""
    order, needs = graph
    layout = lay_out(order, needs)
    places = list(layout.places.values())
    for number, (x, y) in enumerate(places):
        assert WIDE / 2 <= x <= layout.width - WIDE / 2 + 1e-6
        assert HIGH / 2 <= y <= layout.height - HIGH / 2 + 1e-6
        for other_x, other_y in places[:number]:
            assert abs(x - other_x) >= WIDE or abs(y - other_y) >= HIGH
    assert set(layout.edges) == {(need, name) for name in order for need in needs[name]}
    for (need, name), way in layout.edges.items():
        assert (way[0], way[-1]) == (layout.places[need], layout.places[name])
        assert all(upper[1] < lower[1] for upper, lower in pairwise(way))


@given(graphs())
@settings(max_examples=20, deadline=None)
def test_the_same_plan_is_always_drawn_alike(graph: tuple[list[str], dict[str, list[str]]]) -> None:
    """Two documents of one runbook can be compared."""
    assert lay_out(*graph) == lay_out(*graph)


@given(graphs())
@settings(max_examples=60, deadline=None)
def test_no_edge_passes_through_a_box(graph: tuple[list[str], dict[str, list[str]]]) -> None:
    """Where it passes a layer it has a place of its own."""
    order, needs = graph
    layout = lay_out(order, needs)
    boxes = list(layout.places.values())
    for way in layout.edges.values():
        for x, y in way[1:-1]:
            assert all(abs(x - box_x) > WIDE / 2 or abs(y - box_y) > HIGH / 2 for box_x, box_y in boxes)
