"""Drills: there, a soak, and home; a verdict; and never a move home against a real failover."""

import json
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle

from runbooks.drills import DrillInput, DrillOutcome, DrillPhase, DrillState
from runbooks.models import Procedure
from runbooks.runs import DecisionKind, Outcome, RunInput, RunState, Trigger
from tests.workflows.composite_stage import Composites, staged, trigger, until
from tests.workflows.composite_world import AWAY, HOME
from tests.workflows.conftest import say
from tests.workflows.fake_runs import Script
from triggers.composite import decide_drill, start_drill
from triggers.start import start_run

Handle = WorkflowHandle[Any, DrillState]


async def drill(stage: Composites, **changes: Any) -> Handle:
    """Start a drill of this test's runbook."""
    changes.setdefault("runbook", stage.book())
    request = DrillInput.model_validate({"soak": "12s", "trigger": trigger(), **changes})
    return (await start_drill(stage.client, stage.settings, request)).handle


async def drilled(stage: Composites, **changes: Any) -> DrillState:
    """The drill, at its end."""
    return await stage.ended(await drill(stage, **changes))


async def test_goes_there_soaks_and_comes_home(hurried: Composites) -> None:
    """Two switchovers with a soak between them; the verdict has the measured times against the objectives."""
    state = await drilled(hurried)
    assert (state.outcome, state.message) == (DrillOutcome.PASSED, "The drill passed")
    assert [f"{hurried.name}:switchover"] * 2 == hurried.systems.began
    assert [hurried.systems.serves[hurried.name]] == [HOME]
    assert [(leg.name, leg.source, leg.target) for leg in state.legs] == [("out", HOME, AWAY), ("home", AWAY, HOME)]
    assert {"evac/" + hurried.name + "/drill"} == {request.drill for request in hurried.systems.asked}
    assert state.soak is not None
    assert (state.soak.bad, state.soak.unknown) == (0, 0)
    assert state.soak.rounds >= 3
    assert state.report is not None
    assert state.report.passed
    assert state.report.recovery is not None
    assert state.report.without_writes is not None


def contents(folder: Path) -> dict[str, str]:
    """Each file of a record."""
    return {path.name: path.read_text() for path in folder.iterdir()}


async def test_leaves_a_record(hurried: Composites) -> None:
    """The folder holds the report, the journal, the runbook's text and the history."""
    state = await drilled(hurried, text="evac: 1\n")
    files = contents(Path(state.record))
    assert {"report.json", "journal.jsonl", "runbook.yaml", "history.json", "manifest.json"} == set(files)
    report = json.loads(files["report.json"])
    assert (report["procedure"], report["passed"], report["mode"]) == ("drill", True, "full")
    assert report["report"]["outcome"] == "passed"


async def test_a_store_that_does_not_follow_is_brought_home_by_a_failback(hurried: Composites) -> None:
    """The old primary is rebuilt on the way home."""
    hurried.systems.follows = False
    state = await drilled(hurried)
    assert [f"{hurried.name}:switchover", f"{hurried.name}:failback"] == hurried.systems.began
    assert state.outcome == DrillOutcome.PASSED


async def test_a_slow_way_out_does_not_pass(hurried: Composites) -> None:
    """The objective is a minute; it took two."""
    hurried.systems.scripts[hurried.name] = [Script(seconds=120)]
    state = await drilled(hurried)
    assert state.outcome == DrillOutcome.FAILED
    assert state.report is not None
    assert any(text.startswith("Recovered 2 min") for text in state.report.sentences)


async def test_a_loss_does_not_pass(hurried: Composites) -> None:
    """A planned move may lose nothing."""
    hurried.systems.scripts[hurried.name] = [Script(lost=3)]
    state = await drilled(hurried)
    assert state.outcome == DrillOutcome.FAILED
    assert state.report is not None
    assert "Lost on the way out: 3 transactions" in state.report.sentences


async def test_a_system_that_fails_away_from_home_goes_home_early(hurried: Composites) -> None:
    """Three bad rounds in a row end the soak, and the drill does not pass."""
    hurried.systems.sick = lambda _vantage, _round: "HTTP 503"
    state = await drilled(hurried, soak="1h")
    assert state.outcome == DrillOutcome.FAILED
    assert state.soak is not None
    assert (state.soak.rounds, state.soak.bad) == (3, 3)
    assert "witness: HTTP 503" in state.soak.sentences
    assert hurried.systems.serves[hurried.name] == HOME


async def test_what_one_vantage_point_sees_is_said_and_does_not_count(hurried: Composites) -> None:
    """It may be its own fault."""
    hurried.systems.sick = lambda vantage, _round: "HTTP 503" if vantage == "witness" else None
    state = await drilled(hurried)
    assert state.outcome == DrillOutcome.PASSED
    assert state.soak is not None
    assert state.soak.sentences == ("witness: HTTP 503",)


async def test_a_soak_that_nobody_saw_proves_nothing(hurried: Composites) -> None:
    """Silence is unknown, and unknown is never green."""
    hurried.systems.deaf = {"us-east-1", "eu-west-1", "witness"}
    state = await drilled(hurried)
    assert state.outcome == DrillOutcome.FAILED
    assert state.soak is not None
    assert state.soak.unknown == state.soak.rounds


async def test_a_refused_way_out_moves_nothing(hurried: Composites) -> None:
    """The drill says why, and does not soak."""
    hurried.systems.scripts[hurried.name] = [Script(outcome=Outcome.REFUSED, message="the standby is behind")]
    state = await drilled(hurried)
    assert (state.outcome, state.message) == (DrillOutcome.REFUSED, "the standby is behind")
    assert len(hurried.systems.began) == 1
    assert state.report is not None
    assert not state.report.passed


async def test_an_unconfirmed_way_out_goes_home_at_once(hurried: Composites) -> None:
    """Everything was applied, but not verified: there is nothing to soak."""
    hurried.systems.scripts[hurried.name] = [Script(outcome=Outcome.APPLIED_NOT_CONFIRMED)]
    state = await drilled(hurried)
    assert (state.outcome, state.soak) == (DrillOutcome.FAILED, None)
    assert hurried.systems.serves[hurried.name] == HOME


async def test_a_way_home_that_does_not_go_through_says_where_it_serves(hurried: Composites) -> None:
    """A person must lead it home."""
    hurried.systems.scripts[hurried.name] = [Script(), Script(outcome=Outcome.EXPIRED, message="nobody approved")]
    state = await drilled(hurried)
    assert state.outcome == DrillOutcome.FAILED
    assert state.report is not None
    assert state.report.sentences[-1] == f"Not home again: it serves from {AWAY}"


async def test_isolated_never_touches_traffic(hurried: Composites) -> None:
    """One rehearsal, of the plan of the procedure drill."""
    state = await drilled(hurried, mode="isolated")
    assert state.outcome == DrillOutcome.PASSED
    assert [f"{hurried.name}:drill"] == hurried.systems.began
    assert [leg.name for leg in state.legs] == ["rehearsal"]
    assert state.legs[0].proofs == ("Rehearse vector-db: done",)
    assert hurried.systems.serves[hurried.name] == HOME


async def test_an_isolated_drill_that_is_not_confirmed_does_not_pass(hurried: Composites) -> None:
    """A skipped rehearsal proves nothing."""
    hurried.systems.scripts[hurried.name] = [Script(outcome=Outcome.APPLIED_NOT_CONFIRMED)]
    assert (await drilled(hurried, mode="isolated")).outcome == DrillOutcome.FAILED


async def test_an_abort_in_the_soak_goes_home_at_once(composites: Composites) -> None:
    """The way home is not stopped by it."""
    handle = await drill(composites, soak="1h")
    await until(handle, DrillState, lambda s: s.phase == DrillPhase.SOAK)
    await decide_drill(composites.client, composites.name, say(DecisionKind.ABORT, reason="customers"))
    state = await handle.result()
    assert state.outcome == DrillOutcome.ABORTED
    assert state.message == f"bob aborted the drill. Home again in {HOME}"
    assert composites.systems.serves[composites.name] == HOME


async def test_an_abort_on_the_way_out_aborts_that_run(composites: Composites) -> None:
    """The run undoes what it can; the drill starts nothing more."""
    composites.systems.scripts[composites.name] = [Script(holds=True)]
    handle = await drill(composites)
    going = (await until(handle, DrillState, lambda s: bool(s.legs and composites.systems.began))).legs
    assert [(leg.name, leg.source, leg.outcome) for leg in going] == [("out", HOME, None)]
    await decide_drill(composites.client, composites.name, say(DecisionKind.APPROVE))
    await decide_drill(composites.client, composites.name, say(DecisionKind.ABORT))
    state = await handle.result()
    assert (state.outcome, state.message) == (DrillOutcome.ABORTED, "bob aborted the run")
    assert [f"a drill takes only abort; say approve to its run, evac/{composites.name}", None] == [
        judged.refused for judged in state.decisions
    ]
    assert len(composites.systems.began) == 1


def disaster(source: str = HOME) -> Trigger:
    """The detector asks for a failover."""
    return Trigger(id="disaster", kind="watch", by="watch", at=0.0, source=source)


async def test_a_disaster_on_the_way_out_turns_it_into_the_real_failover(composites: Composites) -> None:
    """The leg goes on as a failover; the drill ends and moves nothing home."""
    composites.systems.scripts[composites.name] = [Script(holds=True)]
    handle = await drill(composites)
    await until(handle, DrillState, lambda _s: bool(composites.systems.began))
    run = composites.client.get_workflow_handle(f"evac/{composites.name}", result_type=RunState)
    await run.signal("trigger", disaster())
    state = await handle.result()
    assert state.outcome == DrillOutcome.TURNED
    assert state.message.startswith("Turned into the real failover")
    assert [f"{composites.name}:switchover", f"{composites.name}:failover"] == composites.systems.began
    assert (await run.result()).procedure == Procedure.FAILOVER


async def test_the_drill_does_not_wait_for_the_end_of_the_real_failover(composites: Composites) -> None:
    """It looks who holds the runbook's id, and ends as soon as that is a failover."""
    composites.systems.scripts[composites.name] = [Script(holds=True), Script(holds=True)]
    handle = await drill(composites)
    await until(handle, DrillState, lambda _s: bool(composites.systems.began))
    run = composites.client.get_workflow_handle(f"evac/{composites.name}", result_type=RunState)
    await run.signal("trigger", disaster())
    state = await handle.result()
    assert state.outcome == DrillOutcome.TURNED
    going = await run.query("state", result_type=RunState)
    assert (going.procedure, going.outcome) == (Procedure.FAILOVER, None)


async def test_a_failover_in_the_soak_ends_the_drill(composites: Composites) -> None:
    """Whoever started it: the system is not moved home against it."""
    handle = await drill(composites, soak="1h")
    await until(handle, DrillState, lambda s: s.phase == DrillPhase.SOAK)
    composites.systems.scripts[composites.name] = [Script(holds=True)]
    await other_run(composites, Procedure.FAILOVER, AWAY)
    state = await handle.result()
    assert state.outcome == DrillOutcome.TURNED
    assert composites.systems.serves[composites.name] == AWAY


async def test_a_failover_that_has_ended_by_the_next_look_counts_as_well(composites: Composites) -> None:
    """It was over in a moment; the system is still not moved home against it."""
    handle = await drill(composites, soak="1h")
    await until(handle, DrillState, lambda s: s.phase == DrillPhase.SOAK)
    await (await other_run(composites, Procedure.FAILOVER, AWAY)).result()
    await decide_drill(composites.client, composites.name, say(DecisionKind.ABORT))
    state = await handle.result()
    assert state.outcome == DrillOutcome.TURNED
    assert [f"{composites.name}:switchover", f"{composites.name}:failover"] == composites.systems.began


async def test_a_failover_that_was_refused_in_the_soak_changes_nothing(composites: Composites) -> None:
    """A false alarm: the drill goes on."""
    handle = await drill(composites, soak="5s")
    await until(handle, DrillState, lambda s: s.phase == DrillPhase.SOAK)
    composites.systems.scripts[composites.name] = [Script(outcome=Outcome.REFUSED)]
    await (await other_run(composites, Procedure.FAILOVER, AWAY)).result()
    assert (await handle.result()).outcome == DrillOutcome.PASSED


async def test_it_can_be_told_that_it_is_a_drill_no_more(composites: Composites) -> None:
    """The signal ends it without waiting for the next look."""
    handle = await drill(composites, soak="1h")
    await until(handle, DrillState, lambda s: s.phase == DrillPhase.SOAK)
    await handle.signal("superseded", "us-east-1 is down")
    assert (await handle.result()).outcome == DrillOutcome.TURNED


async def test_somebody_elses_switchover_in_the_soak_is_left_alone(composites: Composites) -> None:
    """A person has taken over: the drill starts nothing against that."""
    handle = await drill(composites, soak="1h")
    await until(handle, DrillState, lambda s: s.phase == DrillPhase.SOAK)
    composites.systems.scripts[composites.name] = [Script(holds=True)]
    await other_run(composites, Procedure.SWITCHOVER, AWAY)
    state = await handle.result()
    assert state.outcome == DrillOutcome.ABORTED
    assert "Somebody started a switchover" in state.message


async def test_a_drill_gives_way_to_what_is_going(composites: Composites) -> None:
    """A failover makes it none; another planned run makes it refuse."""
    for procedure, outcome in (
        (Procedure.FAILOVER, DrillOutcome.TURNED),
        (Procedure.SWITCHOVER, DrillOutcome.REFUSED),
    ):
        name = f"{composites.name}-{procedure}"
        composites.systems.scripts[name] = [Script(holds=True)]
        await other_run(composites, procedure, HOME, name)
        state = await (await drill(composites, runbook=composites.book(name=name))).result()
        assert state.outcome == outcome
        assert [f"{name}:{procedure}"] == [began for began in composites.systems.began if began.startswith(f"{name}:")]


async def test_an_abort_before_anything_moves_starts_nothing(composites: Composites) -> None:
    """It was said before the drill's first turn."""
    request = DrillInput(runbook=composites.book(), trigger=trigger())
    nobody = composites.settings.model_copy(update={"task_queue": f"{composites.settings.task_queue}-later"})
    handle = (await start_drill(composites.client, nobody, request)).handle
    await decide_drill(composites.client, composites.name, say(DecisionKind.ABORT))
    async with staged(composites.client, composites.settings.home, queue=nobody.task_queue) as later:
        state = await handle.result()
    assert (state.outcome, later.systems.began) == (DrillOutcome.ABORTED, [])


async def test_cancelled_in_temporal_it_goes_home(composites: Composites) -> None:
    """A cancellation is taken as an abort: nothing is left half way."""
    handle = await drill(composites, soak="1h")
    await until(handle, DrillState, lambda s: s.phase == DrillPhase.SOAK)
    await handle.cancel()
    state = await handle.result()
    assert (state.outcome, composites.systems.serves[composites.name]) == (DrillOutcome.ABORTED, HOME)


async def test_a_second_drill_is_the_one_that_is_going(composites: Composites) -> None:
    """One drill of a runbook at a time."""
    request = DrillInput(runbook=composites.book(), trigger=trigger())
    first = await start_drill(composites.client, composites.settings, request)
    second = await start_drill(composites.client, composites.settings, request)
    assert (first.joined, second.joined) == (False, True)
    assert first.handle.run_id == second.handle.run_id
    await decide_drill(composites.client, composites.name, say(DecisionKind.ABORT))
    await second.handle.result()


async def other_run(
    stage: Composites, procedure: Procedure, source: str, name: str = ""
) -> WorkflowHandle[Any, RunState]:
    """Somebody else starts a run of the runbook."""
    book = stage.book(name=name or stage.name)
    request = RunInput(runbook=book, procedure=procedure, source=source, trigger=trigger())
    return (await start_run(stage.client, stage.settings, request)).handle
