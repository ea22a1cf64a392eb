"""What is at stake, as every screen says it."""

from typing import Any

import pytest

from runbooks.loss import LossReport, Moment, compare
from runbooks.plan import Loss
from runbooks.runs import RunState
from runbooks.stakes import loss_stakes
from tests.triggers import samples


def report(moment: Moment, before: LossReport | None = None, **known: Any) -> LossReport:
    """One measurement, with what it says beside the one before."""
    given = {"resource": "cache", "region": "eu-west-1", "seconds": 0.0, "sentence": "cache: nothing", **known}
    loss = Loss.model_validate(given)
    said = "" if before is None else compare(before, loss)
    return LossReport(moment=moment, at=samples.NOON, loss=loss, difference=said)


def told(state: RunState) -> list[tuple[str, str]]:
    """The rows."""
    return [(stake.label, stake.sentence) for stake in loss_stakes(state)]


def test_a_store_that_counts_no_transactions_has_lost_nothing_by_that() -> None:
    """Zero before and no number afterwards is no measurement that failed."""
    planned = report("planned", bytes=0, transactions=0)
    state = samples.recovered_run().model_copy(
        update={"losses": (planned, report("after", planned, bytes=0, transactions=None))}
    )
    assert told(state) == [("loss", "nothing of cache (measured afterwards, 12:00:00Z)")]


@pytest.mark.parametrize("known", [{"seconds": None}, {"transactions": 3}, {"region": "ap-south-1"}])
def test_what_is_more_than_nothing_has_a_row_of_its_own(known: dict[str, Any]) -> None:
    """With why it differs from what was said before."""
    planned = report("planned", bytes=0, transactions=0)
    state = samples.recovered_run().model_copy(update={"losses": (planned, report("after", planned, **known))})
    ((label, sentence), *_) = told(state)
    assert (label, "measured afterwards" in sentence) == ("lost", True)
