"""The planner as an activity: every procedure's plan with its estimate, or the sentence why there is none."""

import time
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.planning import Planner
from audit.record import write
from runbooks.models import Procedure
from runbooks.run_calls import PlanAnswer, PlanCall
from runbooks.runs import RunInput, RunState, Status, StepState, Trigger
from tests.runbooks.test_plan_planned import follower, primary
from tests.runbooks.test_planner import NOW, facts
from tests.workflows.world import SOURCE, TARGET, runbook


def call(procedure: str, **changes: Any) -> PlanCall:
    """A question about a system in which all is well."""
    trigger = Trigger(id="t", kind="person", by="ann", at=NOW)
    asked = {"runbook": runbook(), "procedure": procedure, "source": SOURCE, "trigger": trigger, **changes}
    seen = facts(primary(SOURCE, TARGET), follower(TARGET))
    return PlanCall(request=RunInput.model_validate(asked), readings=seen.readings, at=NOW)


async def answer(records: Path, asked: PlanCall) -> PlanAnswer:
    """As a worker answers it."""
    found = await ActivityEnvironment().run(Planner(records).plan, asked)
    assert isinstance(found, PlanAnswer)
    return found


@pytest.mark.parametrize("procedure", ["failover", "switchover", "drill"])
async def test_it_plans_the_procedure_that_was_asked_for(tmp_path: Path, procedure: str) -> None:
    """The checksum is the plan's own, and there is always an estimate."""
    found = await answer(tmp_path, call(procedure))
    assert found.plan is not None
    assert found.plan.procedure == procedure
    assert found.checksum == found.plan.checksum
    assert found.estimate is not None
    assert found.estimate.steps.keys() == {step.id for step in found.plan.steps}


async def test_what_makes_no_sense_is_a_sentence(tmp_path: Path) -> None:
    """Not an error: the run ends with it."""
    found = await answer(tmp_path, call("failback"))
    assert (found.plan, found.error) == (None, "everything of llm is home already: there is nothing to move back")


async def test_the_estimate_is_made_from_past_records(tmp_path: Path) -> None:
    """The second plan knows what the first run took."""
    first = await answer(tmp_path, call("switchover"))
    assert first.plan is not None
    took = StepState(id=f"scale.service.{TARGET}", status=Status.DONE, started_at=10.0, ended_at=13.5)
    ended = RunState.model_validate(
        {
            "runbook": "llm",
            "procedure": Procedure.SWITCHOVER,
            "run": "first-run",
            "source": SOURCE,
            "phase": "ended",
            "rto": 60,
            "rpo": 5,
            "triggered_at": NOW,
            "started_at": time.time(),
            "plan": first.plan,
            "steps": (took,),
        }
    )
    write(tmp_path, ended, "", None)
    second = await answer(tmp_path, call("switchover"))
    assert second.estimate is not None
    known = second.estimate.steps[took.id]
    assert (known.median, known.p95, known.runs) == (3.5, 3.5, 1)
    assert second.checksum == first.checksum
