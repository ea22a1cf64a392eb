"""Committed histories replay on today's code. `pytest -m record` records them anew."""

import re
import sys
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from runbooks.runs import Outcome
from tests.workflows.conftest import Stage
from tests.workflows.scenarios import SCENARIOS
from workflows.failover import Failover
from workflows.kill_switch import KillSwitchRun
from workflows.watch import Watch

WORKFLOWS = [Failover, Watch, KillSwitchRun]
HISTORIES = Path(__file__).parent.parent / "histories"


def anywhere(text: str) -> str:
    """The history without what belongs to the machine that recorded it: its folders, and who the worker was."""
    nobody = re.sub(r'"identity": "[^"]*"', '"identity": "worker"', text)
    return nobody.replace(f"{HISTORIES.parents[1]}/", "").replace(f"{sys.prefix}/", "")


@pytest.mark.record
@pytest.mark.parametrize("name", SCENARIOS)
async def test_record(name: str, stage: Stage) -> None:
    """Run the scenario and keep its history."""
    handle = await SCENARIOS[name](stage)
    await handle.result()
    text = (await handle.fetch_history()).to_json()
    (HISTORIES / f"{name}.json").write_text(f"{anywhere(text)}\n")


@pytest.mark.parametrize("name", SCENARIOS)
async def test_replays(name: str) -> None:
    """The history of each scenario is deterministic on today's code."""
    text = (HISTORIES / f"{name}.json").read_text()
    replayer = Replayer(workflows=WORKFLOWS, data_converter=pydantic_data_converter)
    result = await replayer.replay_workflow(WorkflowHistory.from_json(name, text))
    assert result.replay_failure is None


def test_every_outcome_has_a_history() -> None:
    """Whatever way a failover can end, a committed history ends so."""
    names = {path.stem for path in HISTORIES.glob("failover-*.json")}
    assert set() == {f"failover-{outcome}" for outcome in Outcome} - names


def test_no_history_without_a_scenario() -> None:
    """A history that nothing can record anew is dead weight."""
    assert set(SCENARIOS) == {path.stem for path in HISTORIES.glob("*.json")}
