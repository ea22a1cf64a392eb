"""`evac estimate` as it is shown, with no record, with a few, and as JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from audit.record import write
from runbooks.load import load
from runbooks.paper.cases import cases
from runbooks.runs import RunState, Status, StepState
from tests.runbooks.test_render import state
from triggers.cli.main import app

ROOT = Path(__file__).parents[3]
BOOK = ROOT / "runbooks" / "library" / "active-passive.yaml"
GOLDEN = ROOT / "tests" / "triggers" / "golden"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVAC_HOME", str(tmp_path))


def _evac(*arguments: str) -> Result:
    return CliRunner().invoke(app, ("estimate", str(BOOK), *arguments))


def _recorded(home: Path, *runs: float) -> None:
    """Past failovers in which every step took so many seconds, and scaling ten times that."""
    plan = next(case.plan for case in cases(load(BOOK).runbook) if case.plan is not None)
    for number, seconds in enumerate(runs):
        took = {step.id: seconds * (10 if step.verb == "scale" else 1) for step in plan.steps}
        steps = [StepState(id=n, status=Status.DONE, started_at=100.0, ended_at=100.0 + s) for n, s in took.items()]
        ended: RunState = state(plan=plan, steps=tuple(steps), started_at=1000.0 * number, run=f"run{number}")
        write(home / "records", ended.model_copy(update={"runbook": plan.runbook}), "", None)


def test_as_it_is_shown(tmp_path: Path) -> None:
    """The golden text of three past runs."""
    _recorded(tmp_path, 1.0, 2.0, 3.0)
    ran = _evac("--rounds", "1000")
    assert ran.exit_code == 0
    assert (GOLDEN / "estimate.txt").read_text().splitlines() == [line.rstrip() for line in ran.stdout.splitlines()]


def test_without_a_record_everything_is_a_guess() -> None:
    """And it is said."""
    told = _evac("--rounds", "100").stdout
    assert "no record at all: every step is a guess by its verb. A drill makes the first record" in told
    assert "Nobody has measured it, though: run a drill first." in told


def test_as_json(tmp_path: Path) -> None:
    """The same, for programs; of a planned move the objective is another one."""
    _recorded(tmp_path, 1.0)
    told = json.loads(_evac("--rounds", "100", "-o", "json").stdout)
    assert (told["objective"], told["estimate"]["runs"], told["estimate"]["guessed"]) == (True, 1, [])
    assert told["estimate"]["p50"] == told["estimate"]["p95"] == 13.0
    planned = json.loads(_evac("--rounds", "100", "--procedure", "switchover", "-o", "json").stdout)
    assert planned["objective"] is False


def test_a_way_that_is_none() -> None:
    """Which there are is said."""
    ran = _evac("--from", "mars")
    assert ran.exit_code == 2
    assert "has no such failover; there are: --from us-east-1 --to eu-west-1" in ran.stderr
