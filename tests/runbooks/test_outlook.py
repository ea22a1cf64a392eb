"""What a run's state means to the person who watches it."""

import pytest

from runbooks.loss import LossReport
from runbooks.models import Procedure
from runbooks.outlook import against_rto, if_aborted, losses, writes_stopped
from runbooks.plan import Loss, Plan, Step
from runbooks.runs import Phase, RunState, Status, StepState
from runbooks.steps import Verb


def step(verb: Verb, reversibility: str = "compensable") -> Step:
    """A step whose sentence is its verb."""
    return Step.model_validate(
        {
            "id": verb.value,
            "verb": verb,
            "uses": f"{verb}.any",
            "resource": "db",
            "region": "b",
            "sentence": verb.value.capitalize(),
            "reversibility": reversibility,
        }
    )


PLAN = Plan(
    procedure=Procedure.SWITCHOVER,
    runbook="shop",
    runbook_checksum="0",
    source="a",
    target="b",
    traffic_before={"a": 100, "b": 0},
    traffic_after={"a": 0, "b": 100},
    rto=60,
    rpo=5,
    steps=(
        step(Verb.SCALE, "reversible"),
        step(Verb.FENCE, "reversible"),
        step(Verb.PROMOTE, "final"),
        step(Verb.CUT_OVER, "reversible"),
    ),
)


def run(*steps: StepState, **changes: object) -> RunState:
    """A switchover in its middle; the steps that are not given are pending."""
    known = {known.id: known for known in steps}
    given: dict[str, object] = {
        "runbook": "shop",
        "procedure": Procedure.SWITCHOVER,
        "run": "r1",
        "source": "a",
        "phase": Phase.RUNNING,
        "rto": 60.0,
        "rpo": 5.0,
        "triggered_at": 1000.0,
        "started_at": 1000.0,
        "plan": PLAN,
        "steps": tuple(known.get(planned.id, StepState(id=planned.id)) for planned in PLAN.steps),
    }
    return RunState.model_validate(given | changes)


def began(verb: Verb, at: float, ended: float | None = None, status: Status = Status.DONE) -> StepState:
    """A step that began then."""
    return StepState(
        id=verb.value, started_at=at, ended_at=ended, status=status if ended is not None else Status.RUNNING
    )


def test_before_the_fence_no_write_is_stopped() -> None:
    """Scaling takes its time; the objective is not touched by it."""
    state = run(began(Verb.SCALE, 1001))
    assert writes_stopped(state, 1050) is None
    assert against_rto(state, 1050) == 0.0


def test_writes_are_stopped_from_the_fence_until_clients_are_led_to_the_new_primary() -> None:
    """While one of the moving steps is not over, the time goes on."""
    fence, promote = began(Verb.FENCE, 1010, 1011), began(Verb.PROMOTE, 1011, 1012)
    assert writes_stopped(run(fence, promote), 1020) == 10
    assert writes_stopped(run(fence, promote, began(Verb.CUT_OVER, 1012, 1013.5)), 1020) == 3.5


def test_a_fence_that_was_lifted_ends_the_time_without_writes() -> None:
    """After an abort clients write to the old primary again."""
    lifted = began(Verb.FENCE, 1010, 1014, Status.UNDONE)
    not_run = [StepState(id=verb.value, status=Status.NOT_RUN) for verb in (Verb.PROMOTE, Verb.CUT_OVER)]
    assert writes_stopped(run(lifted, *not_run), 1020) == 4


def test_a_failover_is_measured_from_the_fault() -> None:
    """There something was down from the beginning."""
    assert against_rto(run(procedure=Procedure.FAILOVER, fault_at=990.0), 1020) == 30


def test_the_newest_measurement_of_a_loss_comes_first() -> None:
    """Each resource has its own row of measurements."""

    def measured(moment: str, resource: str) -> LossReport:
        loss = Loss(resource=resource, region="b", sentence=f"{resource} {moment}")
        return LossReport.model_validate({"moment": moment, "at": 1.0, "loss": loss})

    state = run(losses=(measured("planned", "db"), measured("planned", "queue"), measured("after", "db")))
    told = {name: [report.loss.sentence for report in reports] for name, reports in losses(state).items()}
    assert told == {"db": ["db after", "db planned"], "queue": ["queue planned"]}


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (run(plan=None, phase=Phase.OBSERVING), None),
        (
            run(phase=Phase.AWAITING_APPROVAL),
            'costs nothing now; once it runs, an abort takes back what was done until "Promote" begins',
        ),
        (run(), 'would find nothing to take back yet; possible until "Promote" begins'),
        (run(began(Verb.SCALE, 1001, 1002)), 'takes back "Scale"; possible until "Promote" begins'),
        (
            run(began(Verb.FENCE, 1001, 1002), began(Verb.PROMOTE, 1003)),
            "leaves everything as it is, since a promotion has begun; the way back is a switchover",
        ),
        (run(phase=Phase.UNDOING), None),
    ],
)
def test_what_an_abort_would_do_is_said_before_it_is_asked_for(state: RunState, sentence: str | None) -> None:
    """Nothing yet, take back, or hold: and until when."""
    assert if_aborted(state) == sentence
