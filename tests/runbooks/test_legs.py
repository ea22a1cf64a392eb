"""What a run measured of itself as a leg of a drill."""

from runbooks.legs import leg_of, moved, public_steps
from runbooks.loss import LossReport
from runbooks.models import Procedure
from runbooks.plan import Loss, Plan, Step
from runbooks.runs import Outcome, Phase, RunState, Status, StepState
from runbooks.steps import StepResult, Verb

_NEEDS: dict[str, tuple[str, ...]] = {
    "fence": (),
    "catch_up": ("fence",),
    "promote": ("fence", "catch_up"),
    "verify-inside": ("promote",),
    "cut_over": ("verify-inside",),
    "verify-public": ("cut_over",),
    "reseed": ("verify-public",),
}


def plan(**needs: tuple[str, ...]) -> Plan:
    """A switchover of one store."""
    steps = tuple(
        Step(
            id=name,
            verb=Verb(name.partition("-")[0]),
            uses=f"{name.partition('-')[0]}.postgres",
            resource="db",
            region="b",
            needs=on,
            sentence=name,
        )
        for name, on in {**_NEEDS, **needs}.items()
    )
    return Plan(
        procedure=Procedure.SWITCHOVER,
        runbook="llm",
        runbook_checksum="",
        source="a",
        target="b",
        traffic_before={},
        traffic_after={},
        rto=60,
        rpo=5,
        steps=steps,
    )


def run(made: Plan | None = None, **statuses: Status) -> RunState:
    """Each step takes a second: asked at 0, decided at 5, the fence begins at 10."""
    made = made or plan()
    return RunState(
        runbook="llm",
        procedure=Procedure.SWITCHOVER,
        run="r",
        source="a",
        target="b",
        phase=Phase.ENDED,
        outcome=Outcome.COMPLETED,
        rto=60,
        rpo=5,
        triggered_at=0,
        started_at=1,
        decided_at=5,
        plan=made,
        steps=tuple(
            StepState(
                id=step.id,
                status=statuses.get(step.id.replace("-", "_"), Status.DONE),
                started_at=10 + number,
                ended_at=11 + number,
                result=StepResult(changed=True, reason="done"),
            )
            for number, step in enumerate(made.steps)
        ),
    )


def test_times_are_measured_up_to_the_last_public_verification() -> None:
    """What is rebuilt afterwards keeps no client waiting."""
    leg = leg_of("out", run(), "r")
    assert (leg.recovery, leg.decided, leg.without_writes) == (16, 5, 6)
    assert (leg.promoted, leg.whole) == (("db",), ("db",))


def test_a_verification_that_was_skipped_measures_nothing() -> None:
    """It was applied, not confirmed."""
    leg = leg_of("out", run(verify_public=Status.SKIPPED), "r")
    assert (leg.recovery, leg.without_writes) == (None, None)


def test_without_a_public_name_the_inside_counts() -> None:
    """All verifications there are."""
    ends_inside = plan(cut_over=()).model_copy(
        update={"steps": tuple(step for step in plan().steps if step.id not in {"cut_over", "verify-public", "reseed"})}
    )
    assert [step.id for step in public_steps(plan())] == ["verify-public"]
    assert [step.id for step in public_steps(ends_inside)] == ["verify-inside"]


def test_a_store_that_was_promoted_without_having_everything_is_not_whole() -> None:
    """A person skipped the wait."""
    leg = leg_of("out", run(catch_up=Status.SKIPPED), "r")
    assert (leg.promoted, leg.whole) == (("db",), ())


def test_only_losses_measured_afterwards_count() -> None:
    """What was feared beforehand is no loss."""
    loss = Loss(resource="db", region="b", sentence="3 rows", transactions=3)
    feared = LossReport(moment="approved", at=5, loss=loss)
    assert leg_of("out", run().model_copy(update={"losses": (feared,)}), "r").losses == ()
    lost = feared.model_copy(update={"moment": "after"})
    assert leg_of("out", run().model_copy(update={"losses": (feared, lost)}), "r").losses == (loss,)


def test_moved_is_what_users_feel() -> None:
    """A fence that is left stops their writes; what was undone they feel no more."""
    nothing = dict.fromkeys((step.id.replace("-", "_") for step in plan().steps), Status.NOT_RUN)
    assert not moved(run(**nothing))
    assert moved(run(**{**nothing, "fence": Status.DONE}))
    assert not moved(run(**{**nothing, "fence": Status.UNDONE}))
    assert not moved(run().model_copy(update={"plan": None}))


def test_a_rehearsal_recovers_nothing() -> None:
    """It says what its steps said."""
    rehearsed = plan(rehearse=())
    leg = leg_of("rehearsal", run(rehearsed), "r")
    assert (leg.recovery, leg.proofs) == (None, ("rehearse: done",))
