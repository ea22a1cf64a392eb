"""What every run of a plan keeps to, whatever its procedure: who decides, what is undone, what stops it."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from temporalio.client import WorkflowHandle

from runbooks.controls import KillSwitch
from runbooks.models import Procedure
from runbooks.runs import DecisionKind, Outcome, Phase, RunState, Shown, Status, Trigger
from runbooks.steps import ErrorType
from tests.workflows.conftest import Stage, say
from tests.workflows.world import SOURCE, TARGET, failing, runbook
from workflows.failover import Failover
from workflows.kill_switch import KillSwitchRun

Handle = WorkflowHandle[Failover, RunState]
ASKED = {"approval": {"count": 1}}


async def until(handle: Handle, wanted: Callable[[RunState], bool]) -> RunState:
    """The state as soon as it is as wanted."""
    while True:
        state = await handle.query(Failover.state)
        if wanted(state):
            return state
        await asyncio.sleep(0.05)


async def asked(stage: Stage, **approval: Any) -> tuple[Handle, RunState]:
    """A failover asked for by ann, as soon as its plan awaits approval."""
    rule = {"count": 1, **approval}
    handle = await stage.start(runbook=runbook(policy={"failover": {"approval": rule}}, roles={"sre": ["bob", "cat"]}))
    return handle, await until(handle, lambda s: s.phase == Phase.AWAITING_APPROVAL)


async def test_nobody_approves_what_they_asked_for(stage: Stage) -> None:
    """Ann asked, at whatever machine: somebody else must approve."""
    handle, state = await asked(stage)
    await handle.signal(Failover.decide, say(DecisionKind.APPROVE, by="ann@elsewhere", checksum=state.checksum))
    refused = await until(handle, lambda s: len(s.decisions) == 1)
    assert refused.decisions[0].refused == "ann@elsewhere asked for this run, so somebody else must approve it"
    await handle.signal(Failover.decide, say(DecisionKind.APPROVE, checksum=state.checksum))
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_a_policy_may_let_one_person_do_both(stage: Stage) -> None:
    """`allow_self` is for teams of one."""
    handle, state = await asked(stage, allow_self=True)
    await handle.signal(Failover.decide, say(DecisionKind.APPROVE, by="ann", checksum=state.checksum))
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_a_role_names_its_people(stage: Stage) -> None:
    """`by: [sre]` means bob and cat; nobody else approves, or takes a risk."""
    handle, state = await asked(stage, by=["sre"], count=2)
    for by in ("eve", "bob", "cat"):
        await handle.signal(Failover.decide, say(DecisionKind.APPROVE, by=by, checksum=state.checksum))
    final = await handle.result()
    assert [None if j.refused is None else j.refused for j in final.decisions] == [
        "eve is not among the approvers (bob, cat)",
        None,
        None,
    ]


async def test_what_was_shown_must_be_what_the_plan_states(stage: Stage) -> None:
    """An approval that was given before another loss statement does not count."""
    handle, state = await asked(stage)
    assert state.plan is not None
    other = tuple(loss.model_copy(update={"bytes": 7, "sentence": "nothing"}) for loss in state.plan.loss)
    wrong = say(DecisionKind.APPROVE, checksum=state.checksum).model_copy(update={"shown": Shown(loss=other)})
    right = wrong.model_copy(update={"id": "right", "shown": Shown(loss=state.plan.loss, left=50.0)})
    await handle.signal(Failover.decide, wrong)
    await handle.signal(Failover.decide, right)
    final = await handle.result()
    assert [j.refused for j in final.decisions] == [
        "the loss that was shown is not the one that this plan states: look at it again",
        None,
    ]


async def test_a_loss_that_grew_while_the_plan_waited_is_asked_about_anew(stage: Stage) -> None:
    """The approval was for half a second; now it would be twenty: the plan is made anew, and awaits its own yes."""
    stage.world.following = set()
    handle, state = await asked(stage)
    await asyncio.sleep(2.1)
    stage.world.lag = 20.0
    await handle.signal(Failover.decide, say(DecisionKind.APPROVE, checksum=state.checksum))
    again = await until(handle, lambda s: "refuses itself" in s.message)
    assert stage.world.acts == []
    assert any("planned anew" in event.text for event in again.events)
    await handle.signal(Failover.decide, say(DecisionKind.ACCEPT, reason="loss:vector-db"))
    anew = await until(handle, lambda s: s.phase == Phase.AWAITING_APPROVAL)
    await handle.signal(Failover.decide, say(DecisionKind.APPROVE, by="cat", checksum=anew.checksum))
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_a_veto_stops_what_would_go_on_by_itself(stage: Stage) -> None:
    """Proceed unless vetoed: somebody vetoes."""
    handle, _ = await asked(stage, on_timeout="proceed", timeout="20s")
    await handle.signal(Failover.decide, say(DecisionKind.VETO, reason="a deployment"))
    state = await handle.result()
    assert (state.outcome, stage.world.acts) == (Outcome.REJECTED, [])
    assert state.message == "bob vetoed the plan (a deployment); nothing was changed"


async def test_a_veto_is_for_what_goes_on_by_itself(stage: Stage) -> None:
    """Where nothing happens without approvals there is nothing to veto."""
    handle, _ = await asked(stage)
    await handle.signal(Failover.decide, say(DecisionKind.VETO))
    state = await until(handle, lambda s: len(s.decisions) == 1)
    assert state.decisions[0].refused == "no plan waits to go on by itself: reject it, or abort the run"
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    assert (await handle.result()).outcome == Outcome.ABORTED


async def test_an_abort_before_the_point_of_no_return_undoes_in_reverse(stage: Stage) -> None:
    """The fence and the scale are taken back, last first, and the writer is where it was."""
    stage.world.pauses["fence.postgres"] = asyncio.Event()
    handle = await stage.start()
    await until(handle, lambda s: any(x.id.startswith("fence") and x.status == Status.RUNNING for x in s.steps))
    await handle.signal(Failover.decide, say(DecisionKind.HOLD))
    stage.world.pauses["fence.postgres"].set()
    await until(handle, lambda s: all(x.status != Status.RUNNING for x in s.steps))
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    state = await handle.result()
    assert state.outcome == Outcome.ABORTED
    assert stage.world.undone == ["fence.vector-db.us-east-1", "scale.service.eu-west-1"]
    assert (stage.world.primary, stage.world.replicas[TARGET]) == ({SOURCE}, 1)
    assert "; undone: " in state.message


async def test_after_a_final_step_was_begun_an_abort_undoes_nothing(stage: Stage) -> None:
    """A promotion that was tried may have happened: the fence must stay."""
    stage.world.faults["promote.postgres"] = failing(99, ErrorType.WRONG_STATE)
    handle = await stage.start()
    await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    state = await handle.result()
    assert (state.outcome, stage.world.undone) == (Outcome.ABORTED, [])
    assert "left so: " in state.message


async def test_an_undo_that_fails_waits_for_a_person(stage: Stage) -> None:
    """It is said which, and a retry goes on."""
    stage.world.dead = set()
    stage.world.faults["promote.postgres"] = failing(0)
    stage.world.faults["scale.process.undo"] = failing(99, ErrorType.WRONG_STATE, "the agent refuses")
    stage.world.faults["verify.http"] = failing(99, ErrorType.WRONG_STATE)
    book = runbook(policy={"switchover": {"approval": {"count": 0}}})
    handle = await stage.start(runbook=book, procedure="switchover", trigger=planned())
    await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    state = await until(handle, lambda s: any("could not be undone" in (x.error or "") for x in s.steps))
    assert state.phase == Phase.WAITING_FOR_PERSON
    stage.world.faults.pop("scale.process.undo")
    await handle.signal(Failover.decide, say(DecisionKind.RETRY))
    final = await handle.result()
    assert (final.outcome, stage.world.undone) == (Outcome.ABORTED, ["scale.service.eu-west-1"])


async def test_an_abort_does_not_wait_for_what_takes_hours(stage: Stage) -> None:
    """A replica that never comes is left; what was fenced beside it is undone."""
    stage.world.dead = set()
    stage.world.pauses["scale.process"] = asyncio.Event()
    book = runbook(policy={"switchover": {"approval": {"count": 0}}})
    handle = await stage.start(runbook=book, procedure="switchover", trigger=planned())
    await until(handle, lambda s: any(x.id.startswith("scale") and x.status == Status.RUNNING for x in s.steps))
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    state = await handle.result()
    (scale,) = (step for step in state.steps if step.id.startswith("scale"))
    assert (state.outcome, scale.status, stage.world.acts) == (Outcome.ABORTED, Status.UNDONE, [])


async def test_two_writers_stop_the_run_before_the_traffic_moves(stage: Stage) -> None:
    """The old primary rises again: the name is not led anywhere until it is gone."""
    stage.world.pauses["promote.postgres"] = asyncio.Event()
    handle = await stage.start()
    await until(handle, lambda s: any(x.id.startswith("promote") and x.status == Status.RUNNING for x in s.steps))
    stage.world.writable = {SOURCE}
    stage.world.pauses["promote.postgres"].set()
    state = await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    (waits,) = (step for step in state.steps if step.status == Status.WAITING)
    assert waits.id == "cut_over.name"
    assert "vector-db takes writes in 2 regions" in (waits.error or "")
    assert stage.world.leads == (SOURCE,)
    stage.world.writable = set()
    await handle.signal(Failover.decide, say(DecisionKind.RETRY))
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_the_kill_switch_is_honoured_before_a_final_step(stage: Stage) -> None:
    """It is engaged while the fence runs: nothing is promoted until it is released."""
    name = f"kill-{stage.queue[-8:]}"
    stage.world.pauses["fence.postgres"] = asyncio.Event()
    handle = await stage.start(runbook=runbook(name=name))
    await until(handle, lambda s: any(x.id.startswith("fence") and x.status == Status.RUNNING for x in s.steps))
    switch = await stage.client.start_workflow(
        KillSwitchRun.run,
        KillSwitch(by="eve", reason="look first", at=time.time(), scope=name),
        id=f"evac/kill-switch/{name}",
        task_queue=stage.queue,
    )
    stage.world.pauses["fence.postgres"].set()
    state = await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    assert any("eve" in (step.error or "") for step in state.steps)
    assert stage.world.primary == set()
    await switch.terminate()
    assert (await handle.result()).outcome == Outcome.RECOVERED


def planned(procedure: Procedure = Procedure.SWITCHOVER) -> Trigger:
    """Ann wants something planned."""
    return Trigger(id="planned", kind="person", by="ann", at=time.time(), procedure=procedure, source=SOURCE)


async def test_a_planned_run_gives_way_to_a_real_failover(stage: Stage) -> None:
    """It goes on as the failover, under the same id: its decisions stay counted, and its epoch is newer."""
    stage.world.dead = set()
    book = runbook(policy={"switchover": ASKED, "failover": {"approval": {"count": 0}}})
    handle = await stage.start(runbook=book, procedure="switchover", trigger=planned())
    first = await until(handle, lambda s: s.phase == Phase.AWAITING_APPROVAL)
    hold = say(DecisionKind.HOLD)
    await handle.signal(Failover.decide, hold)
    await until(handle, lambda s: s.held)
    stage.world.dead = {SOURCE}
    real = Trigger(id="real", kind="watch", by="watch", at=time.time(), source=SOURCE, reason="dead")
    await handle.signal(Failover.trigger, real)
    final: RunState = await stage.client.get_workflow_handle(handle.id, result_type=RunState).result()
    assert (final.procedure, final.outcome) == (Procedure.FAILOVER, Outcome.RECOVERED)
    assert final.epoch > first.epoch
    assert [judged.decision.id for judged in final.decisions] == [hold.id]
    assert stage.world.primary == {TARGET}


async def test_what_nobody_confirms_in_time_goes_back(stage: Stage) -> None:
    """`commit_within`: the same run id's next leg is the switchover home, and nobody is asked for it."""
    stage.world.dead = set()
    policy = {"switchover": {"approval": {"count": 0}, "commit_within": "300ms"}}
    handle = await stage.start(runbook=runbook(policy=policy), procedure="switchover", trigger=planned())
    final: RunState = await stage.client.get_workflow_handle(handle.id, result_type=RunState).result()
    assert (final.source, final.target, final.outcome) == (TARGET, SOURCE, Outcome.COMPLETED)
    assert stage.world.primary == {SOURCE}
    assert any("nobody confirmed" in event.text for event in final.events)


async def test_what_is_confirmed_stays(stage: Stage) -> None:
    """The person says so in time."""
    stage.world.dead = set()
    policy = {"switchover": {"approval": {"count": 0}, "commit_within": "60s"}}
    handle = await stage.start(runbook=runbook(policy=policy), procedure="switchover", trigger=planned())
    await until(handle, lambda s: s.phase == Phase.AWAITING_CONFIRMATION)
    await handle.signal(Failover.decide, say(DecisionKind.CONFIRM))
    final = await handle.result()
    assert (final.outcome, stage.world.primary) == (Outcome.COMPLETED, {TARGET})
