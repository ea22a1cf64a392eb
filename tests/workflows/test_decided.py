"""The detector's decisions: kept when they are news, bounded, and counted."""

from runbooks.objection import WatchDecision
from tests.workflows.world import SOURCE, TARGET
from workflows.decided import BACK, HEARD, KEPT, Decided


def decision(
    action: str, *reasons: str, region: str = SOURCE, seen_by: tuple[str, ...] = ("witness",)
) -> WatchDecision:
    """A decision about the region."""
    return WatchDecision.model_validate(
        {"at": 0.0, "region": region, "action": action, "reasons": reasons, "seen_by": seen_by}
    )


def test_the_same_decision_again_is_no_news() -> None:
    """Per region: what is decided of another one in between changes nothing."""
    decided = Decided((), 0)
    kept = [
        decided.keep(decision("vetoed", "a deployment")),
        decided.keep(decision("nothing", "alone", region=TARGET)),
        decided.keep(decision("vetoed", "a deployment")),
        decided.keep(decision("vetoed", "maintenance")),
    ]
    assert kept == [True, True, False, True]
    assert (len(decided.newest), decided.count) == (3, 3)


def test_each_act_is_kept() -> None:
    """A second fault with the very same words is a second one."""
    decided = Decided((), 0)
    assert [decided.keep(decision("reported", "down")) for _ in range(2)] == [True, True]


def test_only_the_newest_are_kept_and_all_are_counted() -> None:
    """Also those that an earlier leg of the watch decided."""
    first = Decided((), 0)
    for number in range(KEPT):
        first.keep(decision("vetoed", str(number)))
    second = Decided(first.newest, first.count)
    second.keep(decision("vetoed", "the last"))
    assert (len(second.newest), second.count) == (KEPT, KEPT + 1)
    assert (second.newest[0].reasons, second.newest[-1].reasons) == (("1",), ("the last",))


def test_a_calm_region_is_spoken_of_once_and_only_after_something_was_open() -> None:
    """Nothing open: nothing to say; a suspicion ends with the region's return, silence with somebody who speaks."""
    decided = Decided((), 0)
    assert decided.calm(SOURCE) == ()
    decided.keep(decision("dwelling", "it must stand"))
    assert decided.calm(SOURCE) == (BACK,)
    decided.keep(decision("nothing", BACK, seen_by=()))
    assert decided.calm(SOURCE) == ()
    decided.keep(decision("nothing", "nobody can speak", seen_by=()))
    assert decided.calm(SOURCE) == (HEARD,)
    decided.keep(decision("started", "down"))
    assert decided.calm(SOURCE) == ()
