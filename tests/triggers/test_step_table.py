"""Which steps are shown where there is no room for all."""

from hypothesis import given
from hypothesis import strategies as st

from runbooks.runs import Status, StepState
from runbooks.step_rows import chosen
from runbooks.steps import StepResult

STATUSES = st.lists(st.sampled_from(list(Status)), max_size=40)


def steps(statuses: list[Status]) -> list[StepState]:
    """Steps with those statuses, each a second after the one before."""
    return [StepState(id=str(n), status=status, ended_at=float(n)) for n, status in enumerate(statuses)]


@given(STATUSES, st.integers(min_value=3, max_value=50))
def test_what_goes_on_or_went_wrong_is_always_shown(statuses: list[Status], room: int) -> None:
    """However little room there is, in the order of the plan; and no more than fits of the rest."""
    known = steps(statuses)
    shown = chosen(known, room)
    quiet = {Status.PENDING, Status.NOT_RUN, Status.DONE, Status.UNCHANGED}
    assert [step for step in known if step.status not in quiet] == [step for step in shown if step.status not in quiet]
    assert [step.id for step in shown] == sorted((step.id for step in shown), key=int)
    assert len(shown) <= max(room, sum(status not in quiet for status in statuses))


def test_what_ended_last_and_what_comes_next_fill_the_room() -> None:
    """A third for what is over, the rest for what comes."""
    known = steps([Status.DONE] * 10 + [Status.RUNNING] + [Status.PENDING] * 10)
    assert [step.id for step in chosen(known, 8)] == ["8", "9", "10", "11", "12", "13", "14"]
    assert chosen(known, None) == known


def test_what_was_taken_on_trust_is_never_left_out() -> None:
    """A step without proof that went on all the same is looked at again."""
    known = steps([Status.DONE] * 20)
    known[0] = known[0].model_copy(update={"result": StepResult(changed=False, reason="no proof", proved=False)})
    assert "0" in [step.id for step in chosen(known, 5)]
