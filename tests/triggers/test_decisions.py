"""What a person says to a run, and what the run makes of it."""

import pytest

from runbooks.runs import DecisionKind, Outcome, Phase, Status
from runbooks.steps import ErrorType
from tests.triggers.conftest import Door
from tests.workflows.world import failing
from triggers.names import run_id_of

ASK = {"failover": {"approval": {"count": 1, "by": ["ben"]}}}
"""Ann asks for the runs of these tests, so somebody else must approve them."""


async def _awaiting(door: Door) -> str:
    """A run that awaits approval; its plan's checksum."""
    await door.failover("--no-wait", policy=ASK)
    return (await door.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)).checksum


async def test_a_plan_is_approved_by_its_first_digits(door: Door) -> None:
    """The approval names the plan, the run counts it, and it is kept how the person was known."""
    checksum = await _awaiting(door)
    ran = await door.evac("approve", door.name, "--plan", checksum[:8], "--reason", "read it", EVAC_ACTOR="ben")
    assert ran.code == 0
    assert ran.out.startswith("approve by ben counts.")
    state = await door.until(lambda state: state.phase is Phase.ENDED)
    (judged,) = state.decisions
    assert (judged.decision.by, judged.decision.reason) == ("ben", "read it")
    assert judged.decision.proof == "EVAC_ACTOR, not proved"


async def test_what_the_approver_was_shown_goes_with_the_approval(door: Door) -> None:
    """Also without a terminal: the loss and the time left are said, and kept in the decision."""
    checksum = await _awaiting(door)
    ran = await door.evac("approve", door.name, "--plan", checksum[:8], EVAC_ACTOR="ben")
    state = await door.until(lambda state: state.phase is Phase.ENDED)
    (judged,) = state.decisions
    assert (judged.refused, state.plan is not None) == (None, True)
    shown = judged.decision.shown
    assert shown is not None
    assert state.plan is not None
    assert shown.loss == state.plan.loss
    assert 0 < (shown.left or 0) < state.rto
    assert all(loss.sentence in ran.err for loss in state.plan.loss)
    assert " left of the RTO" in ran.err


async def test_nobody_approves_what_they_asked_for(door: Door) -> None:
    """The one who asked is told that somebody else must."""
    checksum = await _awaiting(door)
    ran = await door.evac("approve", door.name, "--plan", checksum[:8])
    assert (ran.code, "ann is not among the approvers (ben)" in ran.err) == (4, True)


async def test_a_plan_that_would_go_on_by_itself_is_vetoed(door: Door) -> None:
    """The screen offers the veto, and a veto with its reason ends the run with nothing changed."""
    rule = {"count": 1, "timeout": "5m", "on_timeout": "proceed"}
    await door.failover("--no-wait", policy={"failover": {"approval": rule}})
    await door.until(lambda state: state.phase is Phase.AWAITING_APPROVAL)
    shown = await door.evac("status", door.name)
    assert f"evac veto {door.name} --reason" in shown.out
    assert "1 more approval by anyone but ann; it goes on unless vetoed in " in shown.out
    assert (await door.evac("veto", door.name)).code == 2
    assert (await door.evac("veto", door.name, "--reason", "we test")).code == 0
    ended = await door.until(lambda state: state.phase is Phase.ENDED)
    assert (ended.outcome, door.world.acts) == (Outcome.REJECTED, [])


async def test_nothing_is_confirmed_that_does_not_wait_for_it(door: Door) -> None:
    """A confirmation is for one moment only; the run says which it is."""
    await _awaiting(door)
    ran = await door.evac("confirm", door.name, EVAC_ACTOR="ben")
    assert (ran.code, "nothing awaits confirmation now: the run is awaiting-approval" in ran.err) == (4, True)


async def test_without_a_terminal_an_approval_must_name_the_plan(door: Door) -> None:
    """Nobody approves blindly from a script."""
    await _awaiting(door)
    ran = await door.evac("approve", door.name)
    assert (ran.code, ran.err.startswith("evac: say which plan: evac approve")) == (2, True)
    assert (await door.state()).decisions == ()


@pytest.mark.parametrize(
    ("who", "plan", "why"),
    [
        ("ben", "00000000", "00000000 is not the plan that awaits approval"),
        ("eve", "", "eve is not among the approvers (ben)"),
    ],
)
async def test_a_refused_decision_is_kept_and_exits_with_4(door: Door, who: str, plan: str, why: str) -> None:
    """The run's own sentence says why it does not count."""
    checksum = await _awaiting(door)
    ran = await door.evac("approve", door.name, "--plan", plan or checksum, EVAC_ACTOR=who)
    assert ran.code == 4
    assert why in ran.err
    assert [why in (judged.refused or "") for judged in (await door.state()).decisions] == [True]


async def test_a_decision_as_json_is_one_document(door: Door) -> None:
    """A refused decision is told on stdout as data, and on stderr as a sentence."""
    await _awaiting(door)
    ran = await door.evac("approve", door.name, "--plan", "00000000", "-o", "json", EVAC_ACTOR="ben")
    assert ran.code == 4
    assert ran.document["judged"]["decision"]["kind"] == "approve"
    assert ran.document["judged"]["refused"] in ran.err


async def test_what_cannot_be_proved_is_accepted_by_name(door: Door) -> None:
    """Asked without a name the command lists what waits; with it the run goes on and shows that it was not proved."""
    door.world.power = False
    await door.failover("--no-wait")
    await door.until(lambda state: state.phase is Phase.WAITING_FOR_PERSON)
    asked = await door.evac("accept", door.name)
    assert (asked.code, asked.err) == (
        2,
        f"evac: say what is accepted: evac accept {door.name} unproved-fence:vector-db\n",
    )
    accepted = await door.evac("accept", door.name, "unproved-fence:vector-db")
    assert accepted.code == 0
    assert "You accept unproved-fence:vector-db: Fence vector-db in us-east-1: no proof of fence" in accepted.err
    await door.until(lambda state: state.phase is Phase.ENDED)
    shown = await door.evac("status", door.name)
    assert "NOT PROVED, accepted: no proof of fence" in shown.out


async def test_a_step_that_waits_is_skipped_only_with_a_reason(door: Door) -> None:
    """A run with a skipped step ends as applied, not confirmed."""
    door.world.faults["verify.http"] = failing(9, ErrorType.WRONG_STATE, "it answers 500")
    await door.failover("--no-wait")
    await door.until(lambda state: state.phase is Phase.WAITING_FOR_PERSON)
    shown = await door.evac("status", door.name)
    assert "WAITS: it answers 500" in shown.out
    assert f"evac retry {door.name} --step verify" in shown.out
    assert (await door.evac("skip", door.name)).code == 2
    assert (await door.evac("skip", door.name, "--reason", "known fault of the check")).code == 0
    ended = await door.until(lambda state: state.phase is Phase.ENDED)
    assert ended.outcome is Outcome.APPLIED_NOT_CONFIRMED
    assert (await door.evac("watch", door.name)).code == 2


async def test_a_step_that_waits_is_tried_again(door: Door) -> None:
    """After the fault is gone, retry goes on."""
    door.world.faults["verify.http"] = failing(1, ErrorType.WRONG_STATE, "it answers 500")
    await door.failover("--no-wait")
    state = await door.until(lambda state: state.phase is Phase.WAITING_FOR_PERSON)
    (waiting,) = [step.id for step in state.steps if step.status is Status.WAITING]
    assert (await door.evac("retry", door.name, "--step", waiting)).code == 0
    ended = await door.until(lambda state: state.phase is Phase.ENDED)
    assert ended.outcome is Outcome.RECOVERED


async def test_a_run_on_hold_starts_nothing_until_resumed(door: Door) -> None:
    """Hold and resume work while the approval is awaited."""
    checksum = await _awaiting(door)
    assert (await door.evac("hold", door.name)).code == 0
    assert (await door.evac("approve", door.name, "--plan", checksum, EVAC_ACTOR="ben")).code == 0
    assert "ON HOLD" in (await door.evac("status", door.name)).out
    assert door.world.acts == []
    assert (await door.evac("resume", door.name)).code == 0
    assert (await door.until(lambda state: state.phase is Phase.ENDED)).outcome is Outcome.RECOVERED


@pytest.mark.parametrize("kind", [kind.value for kind in DecisionKind])
async def test_nothing_can_be_said_to_a_run_that_is_not_going(lonely_door: Door, kind: str) -> None:
    """Each command names itself and where past runs are listed."""
    more = {"approve": ["--plan", "0" * 8], "accept": ["loss:x"]} | {key: ["--reason", "x"] for key in ("skip", "veto")}
    ran = await lonely_door.evac(kind, lonely_door.name, *more.get(kind, []))
    assert ran.code == 4
    assert f"there is nothing to {kind} (`evac history {lonely_door.name}`)" in ran.err


async def test_a_decision_without_a_worker_is_kept_and_judged_later(lonely_door: Door) -> None:
    """Nobody has to be there to hear it: the run reads it as soon as a worker runs."""
    door = lonely_door
    await door.failover("--no-wait", policy=ASK)
    ran = await door.evac("abort", door.name, "--reason", "not now")
    assert ran.code == 6
    assert "your abort is kept and will be judged as soon as a worker answers" in ran.err
    await door.work()
    state = await door.client.get_workflow_handle(run_id_of(door.name)).result()
    assert state["outcome"] == "aborted"
