"""One scenario for each way in which drills, restore tests, readiness reports, evacuations and schedules can end."""

import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from temporalio.client import WorkflowHandle

from runbooks.drills import DrillInput, DrillPhase, DrillState
from runbooks.evacuation import Book, EvacuateInput, EvacuateState, EvacuationPhase, Word
from runbooks.models import Procedure
from runbooks.readiness import ReadinessInput
from runbooks.restoring import AGE, RestoreTestInput
from runbooks.runs import DecisionKind, Outcome
from runbooks.steps import StepResult
from runbooks.timetable import ScheduledInput
from tests.workflows.composite_stage import Composites, staged, trigger, until
from tests.workflows.composite_world import HOME
from tests.workflows.conftest import Stage, say
from tests.workflows.fake_runs import Script
from triggers.composite import (
    decide_drill,
    say_go_on,
    say_stop,
    start_drill,
    start_evacuation,
    start_readiness,
    start_restore_test,
)

Play = Callable[[Composites], Awaitable[WorkflowHandle[Any, Any]]]
Scenario = Callable[[Stage], Awaitable[WorkflowHandle[Any, Any]]]
REFUSED = Script(outcome=Outcome.REFUSED, message="the standby cannot be seen")


async def drill(stage: Composites, **changes: Any) -> WorkflowHandle[Any, DrillState]:
    """A drill without a soak, of people who are told."""
    book = stage.book(notify=[{"uses": "notify.log"}])
    request = DrillInput.model_validate({"runbook": book, "soak": 0, "trigger": trigger(), **changes})
    return (await start_drill(stage.client, stage.settings, request)).handle


async def drill_passed(stage: Composites) -> WorkflowHandle[Any, Any]:
    """There, a soak of a few rounds, and home by a failback."""
    stage.systems.follows = False
    return await drill(stage, soak="300ms")


async def drill_failed(stage: Composites) -> WorkflowHandle[Any, Any]:
    """It does not come home."""
    stage.systems.sick = lambda _vantage, _round: "HTTP 503"
    stage.systems.scripts[stage.name] = [Script(lost=3), REFUSED]
    return await drill(stage)


async def drill_isolated(stage: Composites) -> WorkflowHandle[Any, Any]:
    """A rehearsal."""
    return await drill(stage, mode="isolated")


async def drill_refused(stage: Composites) -> WorkflowHandle[Any, Any]:
    """The way out is refused."""
    stage.systems.scripts[stage.name] = [REFUSED]
    return await drill(stage)


async def drill_aborted(stage: Composites) -> WorkflowHandle[Any, Any]:
    """A person has it led home."""
    handle = await drill(stage, soak="1h")
    await until(handle, DrillState, lambda s: s.phase == DrillPhase.SOAK)
    await decide_drill(stage.client, stage.name, say(DecisionKind.HOLD))
    await decide_drill(stage.client, stage.name, say(DecisionKind.ABORT))
    return handle


async def drill_aborted_on_the_way_out(stage: Composites) -> WorkflowHandle[Any, Any]:
    """A person stops the run that is going."""
    stage.systems.scripts[stage.name] = [Script(holds=True)]
    handle = await drill(stage)
    await until(handle, DrillState, lambda _s: bool(stage.systems.began))
    await decide_drill(stage.client, stage.name, say(DecisionKind.ABORT))
    return handle


async def drill_turned(stage: Composites) -> WorkflowHandle[Any, Any]:
    """Disaster strikes on the way out."""
    stage.systems.scripts[stage.name] = [Script(holds=True)]
    handle = await drill(stage)
    await until(handle, DrillState, lambda _s: bool(stage.systems.began))
    run = stage.client.get_workflow_handle(f"evac/{stage.name}")
    await run.signal("trigger", trigger().model_copy(update={"kind": "watch", "source": HOME}))
    return handle


async def drill_turned_in_the_soak(stage: Composites) -> WorkflowHandle[Any, Any]:
    """It is told that it is a drill no more."""
    handle = await drill(stage, soak="1h")
    await until(handle, DrillState, lambda s: s.phase == DrillPhase.SOAK)
    await handle.signal("superseded", "us-east-1 is down")
    return handle


async def restore_test(stage: Composites) -> WorkflowHandle[Any, Any]:
    """Of one store that has a backup, and of one that has none."""
    resources = stage.book().model_dump(mode="json")["resources"]
    resources["vector-db"]["backup"] = {"max_age": "1h"}
    request = RestoreTestInput(runbook=stage.book(resources=resources), trigger=trigger())
    return (await start_restore_test(stage.client, stage.settings, request)).handle


async def restore_test_passed(stage: Composites) -> WorkflowHandle[Any, Any]:
    """The backup is young and answers."""
    stage.systems.restored["restore.postgres"] = StepResult(changed=True, reason="Restored", after={AGE: 60})
    return await restore_test(stage)


async def readiness(stage: Composites) -> WorkflowHandle[Any, Any]:
    """A report."""
    request = ReadinessInput(runbook=stage.book(), trigger=trigger())
    return (await start_readiness(stage.client, stage.settings, request)).handle


async def readiness_ready(stage: Composites) -> WorkflowHandle[Any, Any]:
    """After a drill, with its secret there."""
    await (await drill(stage)).result()
    request = ReadinessInput(runbook=stage.book(notify=[{"uses": "notify.log"}]), trigger=trigger())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("K", "value")
        handle = (await start_readiness(stage.client, stage.settings, request)).handle
        await handle.result()
    return handle


async def evacuation(stage: Composites, *scripts: Script, **changes: Any) -> WorkflowHandle[Any, EvacuateState]:
    """Of as many runbooks as there are scripts."""
    books = [Book(runbook=stage.book(name=f"{stage.name}-{number}")) for number in range(len(scripts))]
    for book, script in zip(books, scripts, strict=True):
        stage.systems.scripts[book.runbook.name] = [script]
    request = EvacuateInput.model_validate(
        {"region": HOME, "books": books, "gap": "100ms", "trigger": trigger(), **changes}
    )
    return (await start_evacuation(stage.client, stage.settings, request)).handle


GOOD = Script(outcome=Outcome.RECOVERED)


async def evacuate_evacuated(stage: Composites) -> WorkflowHandle[Any, Any]:
    """One has nothing to move, two go."""
    stage.systems.serves[f"{stage.name}-1"] = "eu-west-1"
    return await evacuation(stage, GOOD, GOOD, GOOD)


async def evacuate_partly(stage: Composites) -> WorkflowHandle[Any, Any]:
    """The first one goes wrong; a person lets the rest go on."""
    handle = await evacuation(stage, REFUSED, GOOD)
    await until(handle, EvacuateState, lambda s: s.phase == EvacuationPhase.WAITING_FOR_PERSON)
    await say_go_on(stage.client, HOME, Word(id=str(uuid.uuid4()), by="bob", at=0.0))
    return handle


async def evacuate_stopped(stage: Composites) -> WorkflowHandle[Any, Any]:
    """The first one goes wrong; a person stops it."""
    handle = await evacuation(stage, REFUSED, GOOD)
    await until(handle, EvacuateState, lambda s: s.phase == EvacuationPhase.WAITING_FOR_PERSON)
    await say_stop(stage.client, HOME, Word(id=str(uuid.uuid4()), by="bob", at=0.0))
    return handle


async def evacuate_refused(stage: Composites) -> WorkflowHandle[Any, Any]:
    """Two runbooks of one name."""
    books = [Book(runbook=stage.book())] * 2
    request = EvacuateInput(region=HOME, books=tuple(books), trigger=trigger())
    return (await start_evacuation(stage.client, stage.settings, request)).handle


async def scheduled(stage: Composites) -> WorkflowHandle[Any, Any]:
    """One time of a schedule."""
    asked = ScheduledInput(
        procedure=Procedure.READINESS,
        runbook=stage.name,
        request={"runbook": stage.book().model_dump(mode="json")},
        by="ann",
    )
    name = f"evac/{stage.name}/readiness/scheduled"
    return await stage.client.start_workflow("scheduled", asked, id=name, task_queue=stage.settings.task_queue)


async def scheduled_skipped(stage: Composites) -> WorkflowHandle[Any, Any]:
    """It is going already."""
    going = await stage.client.start_workflow("readiness", id=f"evac/{stage.name}/readiness", task_queue="nobody")
    handle = await scheduled(stage)
    await handle.result()
    await going.terminate()
    return handle


PLAYS: dict[str, Play] = {
    "drill-passed": drill_passed,
    "drill-passed-isolated": drill_isolated,
    "drill-failed": drill_failed,
    "drill-refused": drill_refused,
    "drill-aborted": drill_aborted,
    "drill-aborted-on-the-way-out": drill_aborted_on_the_way_out,
    "drill-turned-into-failover": drill_turned,
    "drill-turned-into-failover-in-the-soak": drill_turned_in_the_soak,
    "restore-test-passed": restore_test_passed,
    "restore-test-failed": restore_test,
    "readiness-ready": readiness_ready,
    "readiness-not-ready": readiness,
    "evacuate-evacuated": evacuate_evacuated,
    "evacuate-partly-evacuated": evacuate_partly,
    "evacuate-stopped": evacuate_stopped,
    "evacuate-refused": evacuate_refused,
    "scheduled-started": scheduled,
    "scheduled-skipped": scheduled_skipped,
}


def _on_a_stage_of_its_own(play: Play) -> Scenario:
    """The scenario runs to its end here, where its workers are; only the stage's server is used."""

    async def scenario(stage: Stage) -> WorkflowHandle[Any, Any]:
        with TemporaryDirectory(prefix="evac-") as home:
            async with staged(stage.client, Path(home)) as composites:
                handle = await play(composites)
                await handle.result()
                return handle

    return scenario


COMPOSITE_SCENARIOS: dict[str, Scenario] = {name: _on_a_stage_of_its_own(play) for name, play in PLAYS.items()}
