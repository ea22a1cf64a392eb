"""What the demo says it measured."""

import pytest

from lab.figures import Figures, StoreLoss, lines, store_losses
from lab.outage import Loss

GOOD = Figures(
    outcome="recovered",
    detection=0.36,
    decision=0.28,
    recovery=0.88,
    rto=2.01,
    rto_objective=60,
    without_writes=1.74,
    without_inference=2.27,
    acknowledged=53,
    lost=(
        StoreLoss(store="vector-db", copied="synchronously", lost=0, seconds=0),
        StoreLoss(store="cache", copied="asynchronously", lost=2, seconds=0.12),
    ),
    rpo_objective=5,
    detection_settings="",
)


def test_reads_as_an_operator_would() -> None:
    """Name, figure, and what it counts from and to; with the objective beside it."""
    assert "  RTO           2.01 s   kill -> first good write and answer; objective 60 s" in lines(GOOD)
    assert lines(GOOD)[-3:] == [
        "  RPO           0.12 s   the store that lost most of 53 acknowledged writes; objective 5 s",
        "    vector-db   0 lost   copied synchronously",
        "    cache       2 lost   copied asynchronously; what is lost is of the last 0.12 s",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "aborted"},
        {"rto": None},
        {"rto": 60.1},
        {"lost": ()},
        {"lost": (StoreLoss(store="vector-db", copied="synchronously", lost=1, seconds=0.1),)},
        {"lost": (StoreLoss(store="vector-db", copied="synchronously"),)},
        {"lost": (*GOOD.lost, StoreLoss(store="queue", copied="asynchronously"))},
        {"lost": (StoreLoss(store="cache", copied="asynchronously", lost=9, seconds=5.1),)},
    ],
)
def test_is_good_only_if_everything_is(change: dict[str, object]) -> None:
    """Not recovered, late, not measured, or a row lost that a standby had to have: not good."""
    assert GOOD.good
    assert not GOOD.model_copy(update=change).good


def test_asynchronous_replication_may_lose_rows_within_the_objective() -> None:
    """There the RPO is the promise, not zero."""
    lost = (StoreLoss(store="vector-db", copied="asynchronously", lost=2, seconds=0.1),)
    assert GOOD.model_copy(update={"lost": lost}).good


def test_a_store_without_a_primary_could_not_be_asked() -> None:
    """What was counted is matched by name; what was not is not taken for nothing."""
    counted = Loss(store="cache.eu-west-1", acknowledged=9, missing=1, seconds=0.5)
    found = store_losses([counted], {"vector-db": "synchronously", "cache": "asynchronously"})
    assert found == (
        StoreLoss(store="vector-db", copied="synchronously"),
        StoreLoss(store="cache", copied="asynchronously", lost=1, seconds=0.5),
    )
