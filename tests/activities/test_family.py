"""How much each of a group's ladder must give."""

import pytest

from activities.family import Family, Member


def member(desired: int, ready: int, *, failed: bool = False, full: bool = False, epoch: int | None = 7) -> Member:
    """One of them."""
    return Member(name="a", desired=desired, ready=ready, failed=failed, full=full, epoch=epoch)


@pytest.mark.parametrize(
    ("others", "share"),
    [
        ([], 5),
        ([member(2, 2)], 3),
        ([member(2, 0)], 3),  # they are on their way
        ([member(5, 2, failed=True)], 3),  # and these are not
        ([member(0, 1)], 4),  # about to go, and there still
        ([member(9, 9)], 0),
    ],
)
def test_one_gives_what_the_others_do_not(others: list[Member], share: int) -> None:
    """Of five that are needed."""
    assert Family(members=(member(1, 1), *others)).share(0, 5) == share


def test_only_this_decision_has_tried_in_vain() -> None:
    """What an older one could not have may be there now; another failure is no want of capacity."""
    assert member(5, 2, failed=True, full=True).in_vain(7) is True
    assert member(5, 2, failed=True, full=True).in_vain(8) is False
    assert member(5, 2, failed=True).in_vain(7) is False
    assert member(5, 5, full=True).in_vain(7) is False


def test_the_newest_decision_counts_for_all() -> None:
    """None has been made: there is none."""
    assert Family(members=(member(1, 1, epoch=3), member(1, 1, epoch=None), member(1, 1, epoch=9))).epoch == 9
    assert Family(members=(member(1, 1, epoch=None),)).epoch is None
