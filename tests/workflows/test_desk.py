"""The desk alone: what two decisions at one moment come to."""

from runbooks.models import Approval
from runbooks.runs import DecisionKind, Phase, Status, StepState
from tests.workflows.conftest import say
from workflows.desk import Desk, Situation


def test_the_second_of_two_decisions_about_a_step_is_refused() -> None:
    """Both came while no worker ran: only one can be followed, and the other must not look as if it was."""
    steps = {"cut_over.name": StepState(id="cut_over.name", status=Status.WAITING)}
    situation = Situation(Phase.RUNNING, Approval(), None, steps, held=False)
    desk = Desk()
    assert desk.receive(say(DecisionKind.SKIP, reason="done by hand"), situation) is None
    refused = desk.receive(say(DecisionKind.RETRY, step="cut_over.name"), situation)
    assert refused == "bob has decided about cut_over.name already (skip)"
    assert desk.for_steps["cut_over.name"].kind == DecisionKind.SKIP


def test_a_group_that_the_door_proved_may_approve() -> None:
    """The runbook names the group; who is in it is the door's word, and who is in another one is refused."""
    steps = {"cut_over.name": StepState(id="cut_over.name", status=Status.WAITING)}
    approvers = frozenset({"slack-group:S0123"})
    situation = Situation(Phase.RUNNING, Approval(), None, steps, held=False, approvers=approvers)
    asked = say(DecisionKind.SKIP, reason="done by hand")
    other = asked.model_copy(update={"id": "other", "groups": ("slack-group:S0999",)})
    member = asked.model_copy(update={"id": "member", "groups": ("slack-group:S0999", "slack-group:S0123")})
    desk = Desk()
    assert desk.receive(other, situation) == "bob is not among those who may skip (slack-group:S0123)"
    assert desk.receive(member, situation) is None


def test_that_the_alerts_are_over_stops_a_run_only_while_all_can_be_undone() -> None:
    """Past its point of no return it goes on, and the sentence says why; so does what somebody else wants, too."""
    over = say(DecisionKind.ABORT, by="alert:alertmanager/prod").model_copy(update={"only_before_return": True})
    running = Situation(Phase.RUNNING, Approval(), None, {}, held=False)
    past = Situation(Phase.RUNNING, Approval(), None, {}, held=False, past_return=True)
    wanted = Situation(Phase.RUNNING, Approval(), None, {}, held=False, wanted_by=("ann", "watch"))
    said = "the run is past its point of no return, so it goes on although the alerts are over"
    assert Desk().receive(over, past) == said
    assert (
        Desk().receive(over, wanted) == "ann, watch asked for this run, too, so it goes on although the alerts are over"
    )
    assert Desk().receive(say(DecisionKind.ABORT), past) is None
    desk = Desk()
    assert (desk.receive(over, running), desk.stopping()) == (None, True)
