"""The demo as a whole: a region is killed, the other serves, nothing acknowledged is lost, nothing is left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.machine import processes_of

EVAC = str(Path(sys.executable).parent / "evac")
pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]


@pytest.mark.parametrize("regions", [2, 3])
def test_the_demo_recovers_and_loses_nothing(tmp_path: Path, regions: int) -> None:
    """With the real model, through the real name, in synchronous mode; the record is there when all else is gone."""
    done = subprocess.run(
        [EVAC, "lab", "demo", "--home", str(tmp_path), "--regions", str(regions), "-o", "json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "EVAC_HOME": str(tmp_path)},
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    found = json.loads(done.stdout)["demo"]
    assert (found["outcome"], found["good"]) == ("recovered", True)
    assert [store["store"] for store in found["lost"]] == ["vector-db", "cache", "queue"]
    assert found["lost"][0]["lost"] == 0
    assert found["acknowledged"] > 0
    assert 0 < found["rto"] <= found["rto_objective"]
    record = Path(found["record"])
    held = {"runbook.yaml", "plan.json", "state.json", "measures.json", "journal.jsonl", "history.json"}
    assert {*held, "manifest.json"} == {path.name for path in record.iterdir()}
    assert not (tmp_path / "lab").exists()
    assert processes_of(tmp_path) == []
