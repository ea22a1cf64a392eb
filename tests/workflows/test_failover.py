"""Failover through a real Temporal server, in a world with state."""

import asyncio
from collections.abc import Callable

from temporalio.client import WorkflowHandle

from runbooks.runs import DecisionKind, Outcome, Phase, RunState, Status
from runbooks.steps import ErrorType
from tests.workflows.conftest import Stage, say
from tests.workflows.world import SOURCE, TARGET, failing, runbook
from workflows.failover import Failover

Handle = WorkflowHandle[Failover, RunState]


async def until(handle: Handle, wanted: Callable[[RunState], bool]) -> RunState:
    """The state as soon as it is as wanted."""
    while True:
        state = await handle.query(Failover.state)
        if wanted(state):
            return state
        await asyncio.sleep(0.05)


async def test_carries_the_system_to_the_standby(stage: Stage) -> None:
    """The writer, the size and the public name end in the target, and each act happened once."""
    state = await (await stage.start()).result()
    assert (state.outcome, state.target) == (Outcome.RECOVERED, TARGET)
    assert {TARGET} == stage.world.primary
    assert stage.world.leads == (TARGET,)
    assert stage.world.replicas[TARGET] == 2
    assert sorted(
        ["fence.vector-db.us-east-1", "scale.service.eu-west-1", "promote.vector-db.eu-west-1", "cut_over.name"]
    ) == sorted(stage.world.acts)
    assert state.record.startswith("/records/")


async def test_refuses_a_source_that_is_not_down(stage: Stage) -> None:
    """A source that the vantage points see alive is not left, and nothing is changed."""
    stage.world.dead = set()
    state = await (await stage.start()).result()
    assert state.outcome == Outcome.REFUSED
    assert "0 of the 2 vantage points needed" in state.message
    assert stage.world.acts == []


async def test_one_vantage_point_is_not_enough(stage: Stage) -> None:
    """What only one vantage point sees may be its own fault."""
    stage.world.down_seen_by = ("witness",)
    state = await (await stage.start()).result()
    assert (state.outcome, stage.world.acts) == (Outcome.REFUSED, [])


async def test_force_takes_a_persons_word(stage: Stage) -> None:
    """With --force the vantage points need not agree."""
    stage.world.down_seen_by = ()
    state = await (await stage.start(force=True)).result()
    assert state.outcome == Outcome.RECOVERED


async def test_refuses_the_same_source_and_target(stage: Stage) -> None:
    """Source and target must differ."""
    state = await (await stage.start(target=SOURCE)).result()
    assert state.outcome == Outcome.REFUSED
    assert "source and target are both us-east-1" in state.message


async def test_refuses_an_unknown_region(stage: Stage) -> None:
    """A region that the runbook does not know is named with those that it knows."""
    state = await (await stage.start(source="mars")).result()
    assert state.message == "llm has no region 'mars'; it has us-east-1, eu-west-1"


async def test_waits_for_the_approval_of_this_plan(stage: Stage) -> None:
    """Only an approval that names the plan's checksum starts the steps."""
    book = runbook(policy={"failover": {"approval": {"count": 1, "by": ["bob"]}}})
    handle = await stage.start(runbook=book)
    state = await until(handle, lambda s: s.phase == Phase.AWAITING_APPROVAL)
    await handle.signal(Failover.decide, say(DecisionKind.APPROVE, checksum="00000000"))
    await handle.signal(Failover.decide, say(DecisionKind.APPROVE, by="eve", checksum=state.checksum))
    refused = await until(handle, lambda s: len(s.decisions) == 2)
    assert stage.world.acts == []
    assert [
        f"00000000 is not the plan that awaits approval ({state.checksum[:12]})",
        "eve is not among the approvers (bob)",
    ] == [judged.refused for judged in refused.decisions]
    await handle.signal(Failover.decide, say(DecisionKind.APPROVE, by="bob@host", checksum=state.checksum[:12]))
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_an_approval_counts_once(stage: Stage) -> None:
    """A decision that is delivered twice counts once, and one person cannot approve twice."""
    handle = await stage.start(runbook=runbook(policy={"failover": {"approval": {"count": 2}}}))
    state = await until(handle, lambda s: s.phase == Phase.AWAITING_APPROVAL)
    decision = say(DecisionKind.APPROVE, checksum=state.checksum)
    await handle.signal(Failover.decide, decision)
    await handle.signal(Failover.decide, decision)
    await handle.signal(Failover.decide, say(DecisionKind.APPROVE, checksum=state.checksum))
    judged = (await until(handle, lambda s: len(s.decisions) == 3)).decisions
    assert [j.refused for j in judged] == [None, "this decision has been counted already", "bob has approved already"]
    await handle.signal(Failover.decide, say(DecisionKind.APPROVE, by="cat", checksum=state.checksum))
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_a_rejected_plan_changes_nothing(stage: Stage) -> None:
    """Reject ends the run."""
    handle = await stage.start(runbook=runbook(policy={"failover": {"approval": {"count": 1}}}))
    await until(handle, lambda s: s.phase == Phase.AWAITING_APPROVAL)
    await handle.signal(Failover.decide, say(DecisionKind.REJECT, reason="it is a test"))
    state = await handle.result()
    assert (state.outcome, stage.world.acts) == (Outcome.REJECTED, [])
    assert state.message == "bob rejected the plan (it is a test); nothing was changed"


async def test_an_approval_that_nobody_gives_expires(stage: Stage) -> None:
    """After its timeout the run ends, and nothing was changed."""
    handle = await stage.start(runbook=runbook(policy={"failover": {"approval": {"count": 1, "timeout": "300ms"}}}))
    state = await handle.result()
    assert (state.outcome, stage.world.acts) == (Outcome.EXPIRED, [])


async def test_a_lag_over_the_objective_waits_for_acceptance_by_name(stage: Stage) -> None:
    """The plan refuses itself with the number; accepting another name does not help, its own does."""
    stage.world.lag = 30.0
    handle = await stage.start(force=True)
    state = await until(handle, lambda s: "refuses itself" in s.message)
    assert "s behind; the objective is 5 s" in state.message
    await handle.signal(Failover.decide, say(DecisionKind.ACCEPT, reason="loss:other"))
    await asyncio.sleep(0.3)
    assert stage.world.acts == []
    await handle.signal(Failover.decide, say(DecisionKind.ACCEPT, reason="loss:vector-db"))
    final = await handle.result()
    assert final.outcome == Outcome.RECOVERED
    assert final.plan is not None
    assert tuple(name for name in final.plan.accepted if name == "loss:vector-db") == ("loss:vector-db",)


async def test_name_servers_that_come_back_are_seen_by_retry(stage: Stage) -> None:
    """While the name servers are down the plan refuses itself; `retry` looks again."""
    stage.world.dns = False
    handle = await stage.start()
    await until(handle, lambda s: "cannot be read from its name servers" in s.message)
    stage.world.dns = True
    await handle.signal(Failover.decide, say(DecisionKind.RETRY))
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_what_would_fail_later_is_known_before_anything_changes(stage: Stage) -> None:
    """A cut-over whose key is refused stops the run before the promotion, and its own name accepts it."""
    stage.world.obstacles["cut_over.rfc2136"] = "The key is not known."
    handle = await stage.start()
    state = await until(handle, lambda s: "refuses itself" in s.message)
    assert "Cut name over from us-east-1 to eu-west-1: The key is not known" in state.message
    assert stage.world.acts == []
    await handle.signal(Failover.decide, say(DecisionKind.ACCEPT, reason="check:cut_over.name"))
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_an_unproved_fence_waits_for_acceptance(stage: Stage) -> None:
    """Without proof of the fence nothing is promoted until somebody accepts that by name; skip is refused."""
    stage.world.power = False
    handle = await stage.start()
    state = await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    assert [step.error for step in state.steps if step.status == Status.WAITING] == ["no proof of fence"]
    await handle.signal(Failover.decide, say(DecisionKind.SKIP, reason="hurry"))
    state = await until(handle, lambda s: len(s.decisions) == 1)
    assert (state.decisions[0].refused or "").startswith("a fence is never skipped")
    assert {SOURCE} == stage.world.primary
    await handle.signal(Failover.decide, say(DecisionKind.ACCEPT, reason="unproved-fence:vector-db"))
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_a_step_that_fails_for_good_waits_and_goes_on_by_retry(stage: Stage) -> None:
    """A final error is not tried again by itself; a person's retry goes on from there, and nothing is done twice."""
    stage.world.faults["cut_over.rfc2136"] = failing(1, ErrorType.DENIED, "the key is not known")
    handle = await stage.start()
    state = await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    assert [step.error for step in state.steps if step.status == Status.WAITING] == ["the key is not known"]
    await handle.signal(Failover.decide, say(DecisionKind.RETRY, step="cut_over.name"))
    assert (await handle.result()).outcome == Outcome.RECOVERED
    assert len(stage.world.acts) == len(set(stage.world.acts))


async def test_a_skipped_verify_is_applied_not_confirmed(stage: Stage) -> None:
    """Skipping needs a reason, and the outcome says what was not confirmed."""
    stage.world.faults["verify.dns"] = failing(99, ErrorType.WRONG_STATE, "another answer")
    handle = await stage.start()
    await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.SKIP))
    assert (await until(handle, lambda s: len(s.decisions) == 1)).decisions[0].refused == "skip needs a reason"
    await handle.signal(Failover.decide, say(DecisionKind.SKIP, reason="checked by hand"))
    state = await handle.result()
    assert state.outcome == Outcome.APPLIED_NOT_CONFIRMED
    assert state.message == "Applied, not confirmed: skipped verify.dns-name.public"


async def test_passing_faults_are_retried(stage: Stage) -> None:
    """Two unanswered calls of each act cost a moment, not the run."""
    for uses in ("fence.postgres", "promote.postgres", "scale.process", "cut_over.rfc2136"):
        stage.world.faults[uses] = failing(2)
    assert (await (await stage.start()).result()).outcome == Outcome.RECOVERED


async def test_hold_stops_at_the_next_step_and_resume_goes_on(stage: Stage) -> None:
    """While held nothing new starts."""
    stage.world.pauses["fence.postgres"] = asyncio.Event()
    handle = await stage.start()
    await until(handle, lambda s: any(x.id.startswith("fence") and x.status == Status.RUNNING for x in s.steps))
    await handle.signal(Failover.decide, say(DecisionKind.HOLD))
    await until(handle, lambda s: s.held)
    stage.world.pauses["fence.postgres"].set()
    await until(handle, lambda s: any(x.id.startswith("fence") and x.status == Status.DONE for x in s.steps))
    assert set() == stage.world.primary
    await handle.signal(Failover.decide, say(DecisionKind.RESUME))
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_a_hold_while_writers_are_looked_for_keeps_the_next_step_from_beginning(stage: Stage) -> None:
    """The cut over waits for the probe; a hold that is said meanwhile counts as one said before."""
    stage.world.pauses["writers"] = asyncio.Event()
    handle = await stage.start()
    inside = (SOURCE, TARGET)
    await until(handle, lambda s: len(s.steps) > 2 and all(x.ended_at for x in s.steps if x.id.endswith(inside)))
    await handle.signal(Failover.decide, say(DecisionKind.HOLD))
    await until(handle, lambda s: s.held)
    stage.world.pauses["writers"].set()
    state = await until(handle, lambda s: any("No second writer" in event.text for event in s.events))
    assert [step.status for step in state.steps if step.id.startswith("cut_over")] == [Status.PENDING]
    assert stage.world.leads == (SOURCE,)
    await handle.signal(Failover.decide, say(DecisionKind.RESUME))
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_abort_runs_nothing_more(stage: Stage) -> None:
    """Abort while a step waits ends the run and names what was not run."""
    stage.world.faults["promote.postgres"] = failing(99, ErrorType.WRONG_STATE, "not a standby")
    handle = await stage.start()
    await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    state = await handle.result()
    assert state.outcome == Outcome.ABORTED
    assert "promote.vector-db.eu-west-1" in state.message
    assert stage.world.leads == (SOURCE,)


async def test_a_record_that_cannot_be_written_never_blocks(stage: Stage) -> None:
    """The run ends and says that its record is missing."""
    stage.world.faults["record"] = failing(99, ErrorType.UNREACHABLE, "disk full")
    state = await (await stage.start()).result()
    assert (state.outcome, state.record) == (Outcome.RECOVERED, "")
    assert state.events[-1].text == "The record could not be written: disk full"


async def test_people_are_told(stage: Stage) -> None:
    """The notices get the end of the run as a sentence."""
    state = await (await stage.start(runbook=runbook(notify=[{"uses": "notify.log"}]))).result()
    assert [f"recovered: {state.message}"] == stage.world.told


async def test_an_accepted_fence_that_fails_is_passed(stage: Stage) -> None:
    """A fence whose every try failed is not proved either: accepted once, the run goes on, and says so."""
    stage.world.power = False
    stage.world.faults["fence.postgres"] = failing(99, ErrorType.DENIED, "the token is refused")
    handle = await stage.start()
    await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.ACCEPT, reason="unproved-fence:vector-db"))
    state = await handle.result()
    fence = next(step for step in state.steps if step.id.startswith("fence"))
    assert (state.outcome, fence.status) == (Outcome.RECOVERED, Status.UNCHANGED)
    assert fence.result is not None
    assert (fence.result.proved, fence.result.reason) == (
        False,
        "the token is refused. Going on without proof, as accepted",
    )


async def test_a_fence_that_is_turned_away_was_not_meant_beforehand(stage: Stage) -> None:
    """What refuses us may be alive: what was accepted beforehand is for silence, and a person looks."""
    stage.world.power = False
    stage.world.faults["fence.postgres"] = failing(99, ErrorType.DENIED, "the password is wrong")
    handle = await stage.start(accept=["unproved-fence:vector-db"])
    state = await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    assert [step.error for step in state.steps if step.status == Status.WAITING] == ["the password is wrong"]
    assert stage.world.primary == {SOURCE}
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    assert (await handle.result()).outcome == Outcome.ABORTED


async def test_a_newer_decision_at_the_fence_is_not_accepted_away(stage: Stage) -> None:
    """A refusal because this run is out of date is no missing proof: it waits for a person, once."""
    stage.world.faults["fence.postgres"] = failing(99, ErrorType.STALE_EPOCH, "a newer decision was carried out")
    handle = await stage.start(accept=["unproved-fence:vector-db"])
    await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.ACCEPT, reason="unproved-fence:vector-db"))
    await asyncio.sleep(0.5)
    state = await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    assert (stage.world.calls["fence.postgres"], stage.world.primary) == (1, {SOURCE})
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    assert (await handle.result()).outcome == Outcome.ABORTED
    assert [step.error for step in state.steps if step.status == Status.WAITING] == ["a newer decision was carried out"]


async def test_a_cancellation_by_temporal_is_an_abort(stage: Stage) -> None:
    """Cancelled from Temporal's own page: what runs is let end, what was done is undone, and the record is written."""
    stage.world.pauses["fence.postgres"] = asyncio.Event()
    handle = await stage.start()
    await until(handle, lambda s: any(x.id.startswith("fence") and x.status == Status.RUNNING for x in s.steps))
    await handle.cancel()
    await until(handle, lambda s: any("cancelled" in event.text for event in s.events))
    stage.world.pauses["fence.postgres"].set()
    state = await handle.result()
    assert (state.outcome, stage.world.primary, stage.world.leads) == (Outcome.ABORTED, {SOURCE}, (SOURCE,))
    assert state.record


async def test_a_planner_that_breaks_ends_the_run_with_a_sentence(stage: Stage) -> None:
    """When no plan can be made the run is refused, recorded, and changes nothing."""
    stage.world.faults["plan"] = failing(99, ErrorType.BAD_SETTINGS, "it is broken")
    state = await (await stage.start()).result()
    assert (state.outcome, state.message) == (Outcome.REFUSED, "No plan could be made: it is broken")
    assert state.record


async def test_a_decision_about_a_step_that_is_to_be_tried_again_is_refused(stage: Stage) -> None:
    """A retry waits for the end of a hold: a skip that comes after it is not counted and then forgotten."""
    stage.world.faults["promote.postgres"] = failing(1, ErrorType.WRONG_STATE)
    handle = await stage.start()
    await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.HOLD))
    await handle.signal(Failover.decide, say(DecisionKind.RETRY))
    await until(handle, lambda s: len(s.decisions) == 2)
    await handle.signal(Failover.decide, say(DecisionKind.SKIP, reason="better not"))
    state = await until(handle, lambda s: len(s.decisions) == 3)
    assert state.decisions[2].refused == "no step is waiting for a decision"
    await handle.signal(Failover.decide, say(DecisionKind.RESUME))
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_one_person_on_two_machines_is_one_approver(stage: Stage) -> None:
    """The policy knows people by their names, and counts them so."""
    handle = await stage.start(runbook=runbook(policy={"failover": {"approval": {"count": 2}}}))
    state = await until(handle, lambda s: s.phase == Phase.AWAITING_APPROVAL)
    for host in ("laptop", "desktop"):
        await handle.signal(Failover.decide, say(DecisionKind.APPROVE, by=f"bob@{host}", checksum=state.checksum))
    judged = (await until(handle, lambda s: len(s.decisions) == 2)).decisions
    assert [j.refused for j in judged] == [None, "bob@desktop has approved already"]
    await handle.signal(Failover.decide, say(DecisionKind.REJECT))
    assert (await handle.result()).outcome == Outcome.REJECTED


async def test_an_abort_after_the_last_step_began_comes_too_late(stage: Stage) -> None:
    """Everything was carried out and verified: that is what the run says."""
    stage.world.pauses["verify.dns"] = asyncio.Event()
    handle = await stage.start()
    await until(handle, lambda s: s.steps[-1].status == Status.RUNNING if s.steps else False)
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    stage.world.pauses["verify.dns"].set()
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_an_abort_names_what_was_done_and_stays(stage: Stage) -> None:
    """A fenced source takes no writes: whoever aborts must read that it stays so."""
    stage.world.faults["promote.postgres"] = failing(99, ErrorType.WRONG_STATE)
    handle = await stage.start()
    await until(handle, lambda s: s.phase == Phase.WAITING_FOR_PERSON)
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    message = (await handle.result()).message
    assert message.endswith("done, and left so: scale.service.eu-west-1, fence.vector-db.us-east-1")


async def test_an_acceptance_given_while_it_plans_anew_counts(stage: Stage) -> None:
    """Time runs out while a new plan is made; what a person accepted meanwhile is still heard."""
    stage.world.lag = 30.0
    stage.world.faults["plan"] = lambda call: failing(99)(call) if call in (2, 3, 4, 5) else None
    policy = {"failover": {"approval": {"count": 0, "timeout": "500ms"}}}
    handle = await stage.start(force=True, runbook=runbook(policy=policy))
    while stage.world.calls["plan"] < 3:
        await asyncio.sleep(0.02)
    await handle.signal(Failover.decide, say(DecisionKind.ACCEPT, reason="loss:vector-db"))
    assert (await handle.result()).outcome == Outcome.RECOVERED


async def test_the_same_reason_with_another_number_is_told_once(stage: Stage) -> None:
    """A lag that grows is no news each time it is looked at."""
    stage.world.lag = 30.0
    handle = await stage.start(force=True, runbook=runbook(notify=[{"uses": "notify.log"}]))
    await until(handle, lambda s: "30." in s.message)
    stage.world.lag = 40.0
    await handle.signal(Failover.decide, say(DecisionKind.RETRY))
    await until(handle, lambda s: "40." in s.message)
    await handle.signal(Failover.decide, say(DecisionKind.ABORT))
    state = await handle.result()
    assert len(stage.world.told) == 2
    assert stage.world.told[1] == f"aborted: {state.message}"


async def test_readings_that_grew_old_while_it_confirmed_are_taken_anew(stage: Stage) -> None:
    """Vantage points that probe rarely must not leave the plan with nothing young enough to stand on."""
    stage.world.slow_to_confirm = 10.5
    stage.world.slow_to_tell = 8.0
    handle = await stage.start(runbook=runbook(notify=[{"uses": "notify.log"}]))
    state = await handle.result()
    assert state.outcome == Outcome.RECOVERED
    assert [f"recovered: {state.message}"] == stage.world.told
