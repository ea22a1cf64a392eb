"""Alerts through a real Temporal server: what they start, join and stop, and why they start nothing."""

import asyncio
import time
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import StartChildWorkflowInput

from runbooks.alerts import Alert, AlertSignal, AlertsInput, AlertsState
from runbooks.load import LoadedRunbook
from runbooks.models import Runbook
from runbooks.objection import WatchDecision
from runbooks.runs import DecisionKind, Outcome, Phase, RunInput, RunState, Trigger
from tests.workflows.conftest import Stage, say, workers
from tests.workflows.late_news import LateNews
from tests.workflows.test_watch_decisions import short_lived
from tests.workflows.world import SOURCE, TARGET, runbook
from triggers.alarm import hand_over
from worker.settings import Settings
from workflows.failover import Failover

__all__ = ["short_lived"]
RULE: dict[str, Any] = {"alert": "alertmanager", "match": {"alertname": "RegionDown"}, "from": "{labels.region}"}
ASKED = {"failover": {"approval": {"count": 1, "timeout": "5m"}}}


def book(stage: Stage, *rules: dict[str, Any], **changes: Any) -> Runbook:
    """A runbook with a name of its own that listens by these rules."""
    triggers = [{**RULE, **rule} for rule in rules or ({},)]
    return runbook(name=stage.queue[-40:], triggers=triggers, **changes)


def alert(status: str = "firing", region: str = SOURCE, **changes: Any) -> Alert:
    """A delivery of an alert about a region, of now."""
    labels = {"alertname": "RegionDown", "region": region}
    document = {"source": "alertmanager", "name": "prod", "key": region, "delivery": str(uuid.uuid4())}
    times = {"at": time.time(), "received_at": time.time()}
    more = {"status": status, "title": "RegionDown", "labels": labels}
    return Alert.model_validate({**document, **times, **more, **changes})


async def send(stage: Stage, book: Runbook, *alerts: Alert, text: str = "") -> WorkflowHandle[Any, AlertsState]:
    """Hand them over as a door does."""
    read = LoadedRunbook(book, text, "llm.yaml")
    signal = AlertSignal(alerts=alerts, proof="bearer token of alertmanager/prod")
    await hand_over(stage.client, Settings(task_queue=stage.queue), read, signal)
    return stage.client.get_workflow_handle(f"evac/{book.name}/alerts", result_type=AlertsState)


async def until(handle: WorkflowHandle[Any, AlertsState], wanted: Callable[[AlertsState], bool]) -> AlertsState:
    """What is known and decided, as soon as it is as wanted."""
    deadline = time.monotonic() + 60
    while True:
        state: AlertsState = await handle.query("state", result_type=AlertsState)
        if wanted(state):
            return state
        assert time.monotonic() < deadline, f"not as wanted: {state.model_dump(mode='json')}"
        await asyncio.sleep(0.05)


def of(state: AlertsState) -> list[WatchDecision]:
    """What was decided of the source."""
    return [decision for decision in state.decisions if decision.region == SOURCE]


def last(action: str) -> Callable[[AlertsState], bool]:
    """That was decided of the source last."""
    return lambda state: bool(of(state)) and of(state)[-1].action == action


def run_of(client: Client, book: Runbook) -> WorkflowHandle[Failover, RunState]:
    """The run of the runbook."""
    return client.get_workflow_handle_for(Failover.run, f"evac/{book.name}")


async def reached(run: WorkflowHandle[Failover, RunState], phase: Phase) -> RunState:
    """The run as soon as it is in that phase."""
    while True:
        state = await run.query(Failover.state)
        if state.phase == phase:
            return state
        await asyncio.sleep(0.05)


async def test_what_alerts_propose_waits_for_a_person_whatever_the_policy_says(stage: Stage) -> None:
    """The policy asks nobody; the run that alerts propose does, and then it recovers."""
    listening = book(stage)
    alerts = await send(stage, listening, alert())
    state = await until(alerts, last("started"))
    run = run_of(stage.client, listening)
    waiting = await reached(run, Phase.AWAITING_APPROVAL)
    assert (waiting.approval is not None and waiting.approval.count, stage.world.acts) == (1, [])
    (asked,) = waiting.triggers
    assert (asked.kind, asked.by) == ("alert", "alert:alertmanager/prod")
    assert asked.reason == "alertmanager/prod says RegionDown"
    assert asked.proof == "bearer token of alertmanager/prod"
    assert of(state)[-1].seen_by == (TARGET, "witness")
    await run.signal(Failover.decide, say(DecisionKind.APPROVE, checksum=waiting.checksum))
    assert ((await run.result()).outcome, stage.world.primary) == (Outcome.RECOVERED, {TARGET})


async def test_a_proposal_that_nobody_answers_is_no_consent(stage: Stage) -> None:
    """The policy goes on unless vetoed; what alerts propose does not."""
    proceed = {"failover": {"approval": {"count": 1, "timeout": "1s", "on_timeout": "proceed"}}}
    listening = book(stage, policy=proceed)
    await until(await send(stage, listening, alert()), last("started"))
    assert ((await run_of(stage.client, listening).result()).outcome, stage.world.acts) == (Outcome.EXPIRED, [])


async def test_what_nobody_answered_is_proposed_again_while_the_alert_stands(stage: Stage) -> None:
    """People are told when; the end of the alert ends the asking."""
    soon = {"failover": {"approval": {"count": 1, "timeout": "1s"}}}
    listening = book(stage, policy=soon, notify=[{"uses": "notify.log"}])
    alerts = await stage.client.start_workflow(
        "alerts",
        AlertsInput(runbook=listening, patience=1.0),
        id=f"evac/{listening.name}/alerts",
        task_queue=stage.queue,
        start_signal="hear",
        start_signal_args=[AlertSignal(alerts=(alert(),))],
        result_type=AlertsState,
    )
    first = (await until(alerts, last("started"))).run
    state = await until(alerts, last("vetoed"))
    assert of(state)[-1].vetoes == ("unanswered",)
    assert of(state)[-1].reasons[0].startswith("nobody answered the failover in time; while alerts fire, it is asked")
    assert state.begun[SOURCE].asked == 1
    second = await until(alerts, lambda s: s.run != first)
    assert (of(second)[-1].action, second.begun[SOURCE].asked) == ("started", 2)
    assert sum("nobody answered" in text for text in map(str, stage.world.told)) == 1
    assert [act for act in stage.world.acts if not act.startswith("notify.")] == []
    await until(alerts, lambda s: s.begun[SOURCE].again_at is not None)
    await send(stage, listening, alert("resolved"))
    over = await until(alerts, last("reported"))
    assert (over.begun, of(over)[-1].reasons[-1]) == ({}, "nobody had answered")


class LateStart(LateNews):
    """Whoever starts a run hears that it has begun long after it has."""

    async def start_child_workflow(self, input: StartChildWorkflowInput) -> Any:  # noqa: A002 - Temporal's name
        """As always, but late."""
        handle = await self.next.start_child_workflow(input)
        await workflow.sleep(4)
        return handle


async def test_a_run_that_is_over_before_it_is_known_to_have_begun_is_asked_for_again(stage: Stage) -> None:
    """Nobody answered it, and that was heard first: it is vetoed after it was started, and proposed again."""
    queue = f"{stage.queue}-late"
    listening = book(stage, policy={"failover": {"approval": {"count": 1, "timeout": "1s"}}})
    async with AsyncExitStack() as stack:
        for worker in workers(stage.client, queue, stage.world, [LateStart()]):
            await stack.enter_async_context(worker)
        alerts = await stage.client.start_workflow(
            "alerts",
            AlertsInput(runbook=listening, patience=1.0),
            id=f"evac/{listening.name}/alerts",
            task_queue=queue,
            start_signal="hear",
            start_signal_args=[AlertSignal(alerts=(alert(),))],
            result_type=AlertsState,
        )
        state = await until(alerts, lambda s: s.begun.get(SOURCE) is not None and s.begun[SOURCE].asked == 2)
        assert [decision.action for decision in of(state)][:2] == ["started", "vetoed"]
        assert of(state)[1].vetoes == ("unanswered",)


async def test_automatic_asks_nobody_whatever_the_policy_says(stage: Stage) -> None:
    """By opt-in, for a rule that is trusted."""
    listening = book(stage, {"mode": "automatic"}, policy=ASKED)
    await until(await send(stage, listening, alert()), last("started"))
    state = await run_of(stage.client, listening).result()
    assert state.outcome == Outcome.RECOVERED
    assert any("runs unasked, as the rule of the alerts says" in event.text for event in state.events)


async def test_a_region_that_the_vantage_points_see_healthy_is_not_left(stage: Stage) -> None:
    """The alert alone starts nothing, people are told why; when the vantage points agree, it begins."""
    stage.world.dead = set()
    listening = book(stage, {"mode": "approve"}, notify=[{"uses": "notify.log"}])
    alerts = await send(stage, listening, alert())
    state = await until(alerts, last("vetoed"))
    assert of(state)[-1].vetoes == ("unconfirmed",)
    told = " ".join(of(state)[-1].reasons)
    assert "alertmanager/prod says RegionDown the vantage points do not confirm it: 0 of the 2" in told
    assert f"`evac failover FILE --from {SOURCE} --force`" in told
    while not stage.world.told:
        await asyncio.sleep(0.02)
    await send(stage, listening, alert())  # the same, repeated: it is not looked at again for that
    assert (await until(alerts, lambda s: s.counted == 2)).run == ""
    stage.world.dead = {SOURCE}
    await send(stage, listening, alert(source="generic"), alert(name="test"))  # another endpoint: that is news
    await until(alerts, last("started"))
    assert (await run_of(stage.client, listening).result()).outcome == Outcome.RECOVERED


async def test_too_few_endpoints_start_nothing_and_enough_do_after_the_dwell(stage: Stage) -> None:
    """Two of three must fire, for a second; a duplicate counts once."""
    listening = book(stage, {"needs": 2, "for": "1s", "mode": "approve"})
    first = alert()
    alerts = await send(stage, listening, first, first)
    state = await until(alerts, last("nothing"))
    assert (state.counted, of(state)[-1].reasons[0][:26]) == (1, "1 of the 2 endpoints neede")
    await send(stage, listening, alert(name="other"))
    decisions = of(await until(alerts, last("started")))
    assert [decision.action for decision in decisions] == ["nothing", "dwelling", "started"]
    assert decisions[2].at - decisions[1].at >= 0.9


async def test_alerts_that_are_over_within_the_dwell_start_nothing(stage: Stage) -> None:
    """That nothing was done is kept with the reason."""
    listening = book(stage, {"for": "10m"})
    alerts = await send(stage, listening, alert())
    await until(alerts, last("dwelling"))
    await send(stage, listening, alert("resolved"))
    state = await until(alerts, last("nothing"))
    assert (of(state)[-1].reasons, state.standing, stage.world.acts) == (("all of its alerts are resolved",), (), [])


async def test_an_end_stops_the_run_that_alerts_started_if_the_rule_says_so(stage: Stage) -> None:
    """Before the point of no return; what fires anew afterwards gets a run of its own."""
    listening = book(stage, {"on_resolved": "stop"})
    alerts = await send(stage, listening, alert())
    await until(alerts, last("started"))
    run = stage.client.get_workflow_handle_for(Failover.run, f"evac/{listening.name}")
    first = await reached(run, Phase.AWAITING_APPROVAL)
    await send(stage, listening, alert("resolved"))
    state = await stage.client.get_workflow_handle(run.id, run_id=first.run, result_type=RunState).result()
    assert (state.outcome, state.message[:23]) == (Outcome.ABORTED, "alert:alertmanager/prod")
    assert "asked to stop" in " ".join(of(await until(alerts, last("reported")))[-1].reasons)
    await send(stage, listening, alert())
    await until(alerts, lambda s: s.run not in ("", first.run))
    await reached(run, Phase.AWAITING_APPROVAL)
    await run.signal(Failover.decide, say(DecisionKind.ABORT))


async def test_an_end_does_not_stop_a_run_that_somebody_else_wants_too(stage: Stage) -> None:
    """Ann joined; the refused stop is kept with its reason, and her word is what the policy says: nobody is asked."""
    stage.world.pauses["promote.postgres"] = asyncio.Event()
    listening = book(stage, {"on_resolved": "stop"})
    alerts = await send(stage, listening, alert())
    await until(alerts, last("started"))
    run = run_of(stage.client, listening)
    await reached(run, Phase.AWAITING_APPROVAL)
    ann = Trigger(id="ann", kind="person", by="ann", at=0.0, source=SOURCE)
    await run.signal(Failover.trigger, ann)
    await reached(run, Phase.RUNNING)
    await send(stage, listening, alert("resolved"))
    await until(alerts, last("reported"))
    while not (judged := (await run.query(Failover.state)).decisions):
        await asyncio.sleep(0.05)
    assert "although the alerts are over" in str(judged[-1].refused)
    stage.world.pauses["promote.postgres"].set()
    state = await run.result()
    assert state.outcome == Outcome.RECOVERED
    assert any("goes on unasked, as the policy says" in event.text for event in state.events)


async def test_what_stands_while_another_region_is_left_is_asked_for_when_that_run_ends(stage: Stage) -> None:
    """The run refuses it, and gives it back."""
    listening = book(stage, {"mode": "approve"}, policy=ASKED)
    by_hand = Trigger(id="by-hand", kind="person", by="ann", at=0.0)
    going = await stage.client.start_workflow(
        Failover.run,
        RunInput(runbook=listening, source=TARGET, target=SOURCE, force=True, trigger=by_hand),
        id=f"evac/{listening.name}",
        task_queue=stage.queue,
    )
    alerts = await send(stage, listening, alert())
    await until(alerts, last("joined"))
    await going.signal(Failover.decide, say(DecisionKind.ABORT))
    state = await until(alerts, last("started"))
    run = stage.client.get_workflow_handle_for(Failover.run, f"evac/{listening.name}", run_id=state.run)
    assert (await reached(run, Phase.AWAITING_APPROVAL)).source == SOURCE
    await run.signal(Failover.decide, say(DecisionKind.ABORT))


async def test_the_newest_text_of_the_runbook_judges(stage: Stage) -> None:
    """The rule was made stricter, and then looser, while an alert stands: what is decided follows the text."""
    old = book(stage, {"needs": 3})
    alerts = await send(stage, old, alert(), text="old")
    await until(alerts, last("nothing"))
    new = book(stage, {"needs": 2, "mode": "approve"})
    await send(stage, new, alert(name="other"), text="new")
    state = await until(alerts, last("started"))
    assert any("newer text judges" in event.text for event in state.events)
    assert len(state.standing) == 2
    request = (await run_of(stage.client, new).query(Failover.state)).triggers[0]
    assert request.mode == "approve"


async def test_an_alert_about_a_planned_move_starts_a_switchover_without_the_vantage_points(stage: Stage) -> None:
    """The region is alive: nothing is to be confirmed, and nothing lost."""
    stage.world.dead = set()
    listening = book(stage, {"start": "switchover", "mode": "automatic"})
    await until(await send(stage, listening, alert()), last("started"))
    state = await stage.client.get_workflow_handle(f"evac/{listening.name}", result_type=RunState).result()
    assert (state.procedure, state.outcome) == ("switchover", Outcome.COMPLETED)


async def test_it_ends_when_nothing_has_stood_for_a_while(stage: Stage) -> None:
    """Its result tells what was; the next alert begins a new one."""
    listening = book(stage, {"needs": 2})
    signal = AlertSignal(alerts=(alert(), alert("resolved")))
    alerts = await stage.client.start_workflow(
        "alerts",
        AlertsInput(runbook=listening, lingers=0.2),
        id=f"evac/{listening.name}/alerts",
        task_queue=stage.queue,
        start_signal="hear",
        start_signal_args=[signal],
        result_type=AlertsState,
    )
    state = await alerts.result()
    assert (state.counted, state.standing, state.run) == (2, (), "")
    assert (await until(await send(stage, listening, alert()), last("nothing"))).counted == 1


async def test_nothing_is_lost_in_a_storm_that_goes_over_several_legs(short_lived: Stage) -> None:
    """A history that is suggested to go on as another: every delivery is counted once, and the newest word stands."""
    stage = short_lived
    listening = book(stage, {"needs": 9})
    sent = [alert(key=f"k{n % 7}", at=float(n), delivery=str(n)) for n in range(60)]
    alerts = await send(stage, listening, sent[0])
    first = (await alerts.describe()).run_id
    for one in sent[1:]:
        await send(stage, listening, one, one)
    state = await until(alerts, lambda s: s.counted == len(sent))
    assert {one.alert.key: one.alert.at for one in state.standing} == {f"k{n % 7}": float(n) for n in range(53, 60)}
    assert (await stage.client.get_workflow_handle(alerts.id).describe()).run_id != first
