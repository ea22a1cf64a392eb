"""The scenarios of what is made of runs: every way to end has one, and each replays on today's code."""

from typing import Any

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from runbooks.drills import DrillOutcome
from runbooks.evacuation import EvacuationOutcome
from tests.workflows.conftest import Stage
from tests.workflows.scenarios_composite import COMPOSITE_SCENARIOS
from workflows.drill import Drill
from workflows.evacuate import Evacuate
from workflows.readiness import Readiness
from workflows.restore_test import RestoreTest
from workflows.scheduled import Scheduled

MADE_OF_RUNS = [Drill, Evacuate, Readiness, RestoreTest, Scheduled]


def test_every_outcome_has_a_scenario() -> None:
    """Whatever way a drill or an evacuation can end."""
    wanted = {f"drill-{outcome}" for outcome in DrillOutcome} | {f"evacuate-{outcome}" for outcome in EvacuationOutcome}
    assert set() == wanted - set(COMPOSITE_SCENARIOS)


@pytest.mark.parametrize("name", COMPOSITE_SCENARIOS)
async def test_ends_as_it_is_called_and_replays(name: str, stage: Stage) -> None:
    """Its outcome is in its name."""
    handle = await COMPOSITE_SCENARIOS[name](stage)
    result: dict[str, Any] = await stage.client.get_workflow_handle(handle.id, run_id=handle.result_run_id).result()
    report = result.get("report") or {}
    endings = {
        "restore": f"restore-test-{'passed' if report.get('passed') else 'failed'}",
        "readiness": f"readiness-{'ready' if report.get('ready') else 'not-ready'}",
        "scheduled": f"scheduled-{'started' if result.get('started') else 'skipped'}",
    }
    kind = name.partition("-")[0]
    assert name.startswith(endings.get(kind, f"{kind}-{result.get('outcome')}"))
    replayer = Replayer(workflows=MADE_OF_RUNS, data_converter=pydantic_data_converter)
    assert (await replayer.replay_workflow(await handle.fetch_history())).replay_failure is None
