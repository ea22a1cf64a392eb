"""Committed histories replay on today's code. `pytest -m record` records them anew."""

import re
import sys
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from runbooks.drills import DrillOutcome
from runbooks.models import PLANNED, Procedure
from runbooks.runs import Outcome
from tests.workflows.conftest import Stage
from tests.workflows.sandbox import ValidatedOnce
from tests.workflows.scenarios import SCENARIOS as FAILOVERS
from tests.workflows.scenarios_alerts import ALERT_SCENARIOS
from tests.workflows.scenarios_announced import ANNOUNCED_SCENARIOS
from tests.workflows.scenarios_composite import COMPOSITE_SCENARIOS
from tests.workflows.scenarios_runs import RUN_SCENARIOS
from worker.build import WORKFLOWS

HISTORIES = Path(__file__).parent.parent / "histories"
SCENARIOS = FAILOVERS | RUN_SCENARIOS | COMPOSITE_SCENARIOS | ALERT_SCENARIOS | ANNOUNCED_SCENARIOS
OF_A_FAILOVER = set(Outcome) - {Outcome.COMPLETED, Outcome.SUPERSEDED}
OF_WHAT_IS_PLANNED = set(Outcome) - {Outcome.RECOVERED}


def anywhere(text: str) -> str:
    """The history without what belongs to the machine that recorded it: its folders, and who the worker was."""
    nobody = re.sub(r'"identity": "[^"]*"', '"identity": "worker"', text)
    return nobody.replace(f"{HISTORIES.parents[1]}/", "").replace(f"{sys.prefix}/", "")


@pytest.mark.record
@pytest.mark.parametrize("name", SCENARIOS)
async def test_record(name: str, stage: Stage) -> None:
    """Run the scenario and keep its history: of the first leg, where it goes on as another run."""
    handle = await SCENARIOS[name](stage)
    await handle.result()
    first = stage.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
    text = (await first.fetch_history()).to_json()
    (HISTORIES / f"{name}.json").write_text(f"{anywhere(text)}\n")


@pytest.mark.parametrize("name", SCENARIOS)
async def test_replays(name: str) -> None:
    """The history of each scenario is deterministic on today's code."""
    text = (HISTORIES / f"{name}.json").read_text()
    replayer = Replayer(workflows=WORKFLOWS, workflow_runner=ValidatedOnce(), data_converter=pydantic_data_converter)
    result = await replayer.replay_workflow(WorkflowHistory.from_json(name, text))
    assert result.replay_failure is None


@pytest.mark.parametrize(
    ("workflow", "outcomes"),
    [
        ("failover", OF_A_FAILOVER),
        *((str(procedure), OF_WHAT_IS_PLANNED) for procedure in sorted(PLANNED - {Procedure.DRILL})),
        ("drill", set(DrillOutcome)),
    ],
)
def test_every_outcome_has_a_history(workflow: str, outcomes: set[str]) -> None:
    """Whatever way a run can end, a committed history ends so."""
    names = {path.stem for path in HISTORIES.glob(f"{workflow}-*.json")}
    assert set() == {f"{workflow}-{outcome}" for outcome in outcomes} - names


def test_every_workflow_has_a_history() -> None:
    """None is left out of the replays."""
    started = {re.search(r'"workflowType": \{\s*"name": "([^"]+)"', path.read_text()) for path in _histories()}
    names = {found[1] for found in started if found is not None}
    assert {workflow.__temporal_workflow_definition.name for workflow in WORKFLOWS} - names == set()


def _histories() -> list[Path]:
    return sorted(HISTORIES.glob("*.json"))


def test_no_history_without_a_scenario() -> None:
    """A history that nothing can record anew is dead weight."""
    assert set(SCENARIOS) == {path.stem for path in _histories()}
