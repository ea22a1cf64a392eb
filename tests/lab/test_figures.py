"""What the demo says it measured."""

import pytest

from lab.figures import Figures, lines

GOOD = Figures(
    outcome="recovered",
    mode="synchronous",
    detection=0.36,
    decision=0.28,
    recovery=0.88,
    rto=2.01,
    rto_objective=60,
    without_writes=1.74,
    without_inference=2.27,
    acknowledged=53,
    lost_rows=0,
    lost_seconds=0,
    rpo_objective=5,
    detection_settings="",
)


def test_reads_as_an_operator_would() -> None:
    """Name, figure, and what it counts from and to; with the objective beside it."""
    assert "  RTO           2.01 s   kill -> first good write and answer; objective 60 s" in lines(GOOD)
    assert "  RPO           0.00 s   0 of 53 acknowledged rows lost; objective 5 s" in lines(GOOD)


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "aborted"},
        {"rto": None},
        {"rto": 60.1},
        {"lost_rows": 1},
        {"lost_seconds": None},
        {"lost_seconds": 5.1},
    ],
)
def test_is_good_only_if_everything_is(change: dict[str, object]) -> None:
    """Not recovered, late, not measured, or a row lost that a standby had to have: not good."""
    assert GOOD.good
    assert not GOOD.model_copy(update=change).good


def test_asynchronous_replication_may_lose_rows_within_the_objective() -> None:
    """There the RPO is the promise, not zero."""
    assert GOOD.model_copy(update={"mode": "asynchronous", "lost_rows": 2, "lost_seconds": 0.1}).good
