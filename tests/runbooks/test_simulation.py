"""How long a procedure may take, against plans whose answer can be worked out by hand."""

from collections import Counter

from runbooks.estimate import Past
from runbooks.plan import Plan
from runbooks.simulation import Simulation, rank, simulate
from tests.runbooks.test_render import plan
from tests.runbooks.test_reversal import step

FENCE, SCALE = step("fence.a"), step("scale.b")
PROMOTE = step("promote.b", "fence.a")
VERIFY = step("verify.b", "promote.b", "scale.b")
"""fence -> promote -> verify, and beside that scale -> verify."""


def shop() -> Plan:
    """Four steps, two ways to the last."""
    return plan(FENCE, SCALE, PROMOTE, VERIFY)


def took(**steps: tuple[float, ...]) -> Past:
    """What the records tell of each step, by its verb."""
    names = {"fence": "fence.a", "scale": "scale.b", "promote": "promote.b", "verify": "verify.b"}
    return Past(steps={names[verb]: seconds for verb, seconds in steps.items()})


def _by_id(found: Simulation) -> dict[str, tuple[float, float]]:
    return {one.id: (one.critical, one.gain) for one in found.steps}


def test_what_never_varies_is_the_longest_way() -> None:
    """1 + 2 + 3 beside 4 + 3: scale is critical; at half its time the other way (6) is the longest."""
    found = simulate(shop(), took(fence=(1.0,), promote=(2.0,), scale=(4.0,), verify=(3.0,)), rounds=100)
    assert (found.p50, found.p95, found.runs, found.guessed) == (7.0, 7.0, 1, ())
    expected = {"scale.b": (1.0, 1.0), "verify.b": (1.0, 1.5), "promote.b": (0.0, 0.0), "fence.a": (0.0, 0.0)}
    assert expected == _by_id(found)


def test_chance_decides_which_way_is_critical() -> None:
    """Scaling takes 1 s or 9 s, as often: half the time it is on the critical path; p50 is 6 or 12, and p95 is 12."""
    past = took(fence=(1.0,), promote=(2.0,), scale=(1.0, 9.0), verify=(3.0,))
    found = simulate(shop(), past, rounds=1000)
    assert found.p50 in (6.0, 12.0)  # as often one as the other
    assert found.p95 == 12.0
    critical, gain = _by_id(found)["scale.b"]
    assert 0.45 < critical < 0.55
    assert gain == 4.5
    assert sum(one.count for one in found.histogram) == 1000


def test_two_slow_steps_are_seldom_slow_together() -> None:
    """Each is slow once in twenty: both at once, one in four hundred; adding up their worst cases would say 20 s."""
    slow = (1.0,) * 19 + (10.0,)
    found = simulate(shop(), took(fence=slow, promote=slow, scale=(0.0,), verify=(0.0,)), rounds=1000)
    assert (found.p50, found.p95) == (2.0, 11.0)


def test_the_same_records_give_the_same_answer() -> None:
    """And other dice nearly the same; a step more changes none of the throws of the others."""
    past = took(scale=(1.0, 2.0, 5.0, 9.0))
    assert simulate(shop(), past) == simulate(shop(), past)
    one, other = simulate(shop(), past), simulate(shop(), past, seed=2)
    assert one != other
    assert abs(one.p50 - other.p50) < 0.2 * one.p50


def test_what_no_record_tells_of_is_guessed_and_named() -> None:
    """By the verb, spread so that its median and p95 are those of the table."""
    found = simulate(shop(), took(scale=(1.0, 2.0)))
    assert ({"fence.a", "promote.b", "verify.b"}, 2) == (set(found.guessed), found.runs)
    assert all(one.runs == (2 if one.id == "scale.b" else 0) for one in found.steps)


def test_how_often_the_objective_is_kept() -> None:
    """The share of the rounds within the RTO."""
    made = shop().model_copy(update={"rto": 6.0})
    found = simulate(made, took(fence=(1.0,), promote=(2.0,), scale=(1.0, 9.0), verify=(3.0,)), rounds=1000)
    assert 0.45 < found.within < 0.55


def test_a_percentile_is_a_value_that_was_there() -> None:
    """By its rank."""
    assert Counter({19.0: 1}) == Counter([rank([float(n) for n in range(1, 21)], 0.95)])
    assert rank([], 0.5) == 0.0
