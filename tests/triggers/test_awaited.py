import shlex

import pytest

from runbooks.awaited import accepting, awaited
from runbooks.controls import KillSwitch, engaged_sentence
from runbooks.models import Approval
from runbooks.plan import Refusal
from runbooks.runs import Phase, RunState, Status, StepState
from tests.triggers import samples
from triggers.cli.awaited import answers
from triggers.cli.commands import COMMANDS
from triggers.cli.live import code_of


def test_a_waiting_fence_may_be_retried_or_accepted_but_not_skipped() -> None:
    """The commands are those that the run would take, with the hold first."""
    assert answers(samples.waiting_run()) == (
        "evac resume llm-platform",
        "evac retry llm-platform --step fence.vector-db",
        "evac accept llm-platform unproved-fence:vector-db",
        "evac abort llm-platform",
    )


def test_a_plan_that_refuses_itself_says_what_can_be_accepted() -> None:
    """Only what has a name can be accepted; looking again and aborting are always there."""
    assert answers(samples.refusing_run()) == (
        "evac accept llm-platform loss:vector-db",
        "evac retry llm-platform",
        "evac abort llm-platform",
    )


@pytest.mark.parametrize("phase", [Phase.CONFIRMING, Phase.OBSERVING, Phase.PLANNING, Phase.RUNNING, Phase.ENDED])
def test_nobody_is_asked_while_nobody_is_awaited(phase: Phase) -> None:
    """No command is offered that would only be refused."""
    assert answers(samples.run(phase=phase)) == ()


def test_a_plan_that_goes_on_by_itself_may_be_vetoed() -> None:
    """The veto takes the place of the rejection, and it is said who is missing and until when."""
    state = samples.approving_run()
    assert answers(state) == (
        f"evac approve llm-platform --plan {state.checksum[:8]}",
        'evac veto llm-platform --reason "why not"',
    )
    assert awaited(state, samples.NOON + 45) == (
        "1 more approval by sre-ai (given by ben); it goes on unless vetoed in 4 min 15 s (at 12:05:00Z)"
    )


def test_what_has_moved_is_confirmed_or_goes_back() -> None:
    """Both commands, and how long there is."""
    state = samples.moved_run()
    assert answers(state) == ("evac confirm llm-platform", "evac abort llm-platform")
    assert awaited(state, samples.NOON + 25) == (
        "everything goes back by itself in 10 min (at 12:10:25Z), unless somebody confirms"
    )


def test_what_a_kill_switch_stops_is_released_by_its_command() -> None:
    """Neither a retry nor a skip helps a step that waits for it; a plan is looked at again by itself."""
    engaged = engaged_sentence(KillSwitch(by="ann", reason="the link flaps", at=0.0))
    steps = tuple(StepState(id=name, status=Status.WAITING, error=engaged) for name in ("promote.a", "promote.b"))
    running = samples.waiting_run().model_copy(update={"steps": steps, "held": False})
    assert answers(running) == ("evac kill-switch off", "evac abort llm-platform")
    own = engaged_sentence(KillSwitch(by="ann", reason="", at=0.0, scope="llm-platform"))
    plan = samples.plan(refusals=(Refusal(name=None, sentence=own),))
    refusing = samples.refusing_run().model_copy(update={"plan": plan})
    assert answers(refusing)[0] == "evac kill-switch off --runbook llm-platform"


def test_an_approved_plan_awaits_nobody() -> None:
    """It looks once more before it runs; no command is offered that would only be refused."""
    state = samples.approving_run()
    approved = state.model_copy(update={"approval": Approval(by=("sre-ai",), count=1)})
    assert answers(approved) == ()
    assert code_of(approved) == 5


def test_accepting_says_what_is_accepted() -> None:
    """The sentences of the plan, and of the steps that wait, that have this name."""
    assert accepting(samples.refusing_run(), "loss:vector-db") == (
        "vector-db is up to 29.5 s behind; the objective is 10 s",
    )
    assert accepting(samples.waiting_run(), "unproved-fence:vector-db") == (
        "Fence vector-db in us-east-1: it takes no more writes: neither it nor its power controller answers",
    )
    assert accepting(samples.waiting_run(), "loss:vector-db") == ()


@pytest.mark.parametrize(
    "state",
    [samples.run(), samples.waiting_run(), samples.refusing_run(), samples.approving_run(), samples.moved_run()],
)
def test_every_offered_command_exists(state: RunState) -> None:
    """A command copied from the screen is one of ours, and the code of such a run is 8."""
    known = {listed.name for listed in COMMANDS}
    for command in answers(state):
        program, name, *_ = shlex.split(command)
        assert (program, name in known) == ("evac", True)
    assert code_of(state) == 8
