"""The loss statement: what differs, when it must be asked anew, and what is known afterwards, with numbers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.loss import LossReport, after, compare, worse
from runbooks.plan import Loss
from tests.runbooks.test_planner import NOW, SOURCE, TARGET, reading

FAULT = NOW - 0.5
WAS = "it was 0.4 s when it was approved"


def loss(seconds: float | None = 0.4, region: str = TARGET, **more: Any) -> Loss:
    """A statement."""
    return Loss.model_validate({"resource": "db", "region": region, "seconds": seconds, "sentence": "db", **more})


def differs(before: Loss, now: Loss) -> str:
    """What is said of the second measurement."""
    return compare(LossReport(moment="planned", at=NOW, loss=before), now)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (loss(), loss(), ""),
        (loss(0.4), loss(2.1), "db: 1.7 s more (2.1 s now, 0.4 s before)"),
        (loss(2.1), loss(0.4), "db: 1.7 s less (0.4 s now, 2.1 s before)"),
        (loss(0.4), loss(None), "db: cannot be measured now (0.4 s before)"),
        (loss(None), loss(0.4), "db: 0.4 s now (not measured before)"),
        (loss(bytes=2_000_000), loss(bytes=2_000_512), "db: 512 bytes more (2000512 bytes now, 2000000 bytes before)"),
        (
            loss(transactions=3),
            loss(transactions=1),
            "db: 2 transactions less (1 transactions now, 3 transactions before)",
        ),
        (loss(), loss(region="ap"), f"db: ap takes over, and not {TARGET}"),
    ],
)
def test_a_difference_is_told_with_numbers(before: Loss, now: Loss, said: str) -> None:
    """And nothing is said when there is none."""
    assert said == differs(before, now)


@pytest.mark.parametrize(
    ("stated", "now", "said"),
    [
        (0.4, 4.9, None),
        (0.4, 0.3, None),
        (None, None, None),
        (None, 900.0, None),
        (0.4, 12.0, f"db: up to 12.0 s of writes may be lost in {TARGET}; {WAS}, and the objective is 5 s"),
        (0.4, None, f"db: how much may be lost in {TARGET} cannot be measured any more; {WAS}"),
    ],
)
def test_what_has_grown_beyond_the_objective_is_asked_anew(
    stated: float | None, now: float | None, said: str | None
) -> None:
    """So is what cannot be measured any more; who approved the unknown has approved it all."""
    assert said == worse(loss(stated), loss(now), 5.0)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_what_does_not_grow_is_never_asked_anew(stated: float, now: float, rpo: float) -> None:
    """Whatever the objective is."""
    grown = worse(loss(stated), loss(now), rpo)
    assert grown is None or (now > stated and now > rpo)


def primary(position: int, **values: Any) -> Any:
    """The primary as it was seen last, 2.5 s before the fault."""
    return reading("db", SOURCE, age=3.0, role="primary", position=position, **values)


def test_what_the_primary_had_and_the_standby_had_not_is_lost() -> None:
    """In bytes, and in transactions where both count them."""
    promoted = {"role": "standby", "position": 9_000, "transactions": 40}
    found = after(loss(0.4), primary(9_512, transactions=43), promoted, FAULT)
    assert (found.bytes, found.transactions, found.seconds) == (512, 3, 0.4)
    assert found.sentence == (
        f"db: 512 bytes and 3 transactions that its primary had 2.5 s before the fault are missing in {TARGET}"
    )


def test_what_nobody_saw_is_the_bound() -> None:
    """The standby had all that was seen of the primary; what was written since is not known."""
    found = after(loss(9.0), primary(9_000), {"position": 9_000}, FAULT)
    assert (found.bytes, found.seconds) == (0, 2.5)
    assert found.sentence == (
        f"db: {TARGET} had everything that its primary had 2.5 s before the fault; what was written since may be lost"
    )


def test_a_lag_that_is_the_smaller_bound_is_told() -> None:
    """An auditor reads the figure beside its sentence: they must speak of the same seconds."""
    found = after(loss(1.0), primary(9_000), {"position": 9_000}, FAULT)
    assert found.seconds == 1.0
    assert found.sentence == (
        f"db: {TARGET} had everything that its primary had 2.5 s before the fault; by its lag, the last 1 s of writes "
        "may be lost"
    )


def test_a_planned_move_loses_nothing() -> None:
    """And that is said, once the standby is seen to have gone beyond what was seen before writes stopped."""
    found = after(loss(0.0), primary(9_000), {"position": 9_100})
    assert (found.bytes, found.seconds) == (0, 0.0)
    assert found.sentence == f"db: nothing was lost: {TARGET} had every acknowledged write"


def test_a_move_that_should_have_lost_nothing_and_did_says_so() -> None:
    """The statement before does not excuse the measurement after."""
    found = after(loss(0.0), primary(9_512), {"position": 9_000})
    assert (found.bytes, found.seconds) == (512, None)
    assert "512 bytes that its primary had when it was seen last are missing" in found.sentence


@pytest.mark.parametrize(
    "seen", [None, reading("db", SOURCE, "unhealthy"), reading("db", SOURCE, role="standby", position=1)]
)
def test_without_a_primary_to_compare_with_nothing_is_measured(seen: Any) -> None:
    """Never nothing: unknown."""
    found = after(loss(0.4), seen, {"position": 9_000}, FAULT)
    assert (found.seconds, found.bytes) == (None, None)
    assert "cannot be measured" in found.sentence


def test_a_stream_counts_messages_and_not_bytes() -> None:
    """Its place is the number of its last message; the evidence of its kind calls it `last`."""
    found = after(loss(0.4), primary(43, transactions=43), {"role": "standby", "last": 40}, FAULT)
    assert (found.bytes, found.transactions) == (None, 3)
    assert found.sentence == f"db: 3 transactions that its primary had 2.5 s before the fault are missing in {TARGET}"


def test_evidence_that_keeps_its_values_apart_is_read() -> None:
    """Each technology's evidence has its own shape."""
    assert after(loss(0.4), primary(9_000), {"values": {"position": 8_000}}, FAULT).bytes == 1_000
