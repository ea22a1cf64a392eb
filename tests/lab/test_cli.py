"""`evac lab` as a person uses it: real commands in real processes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab.topology import Lab
from tests.lab.machine import processes_of

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]
EVAC = str(Path(sys.executable).with_name("evac"))


def _evac(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "EVAC_HOME": str(folder / ".evac")}
    return subprocess.run(
        [EVAC, "lab", *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_labs_whole_life(tmp_path: Path) -> None:
    """Every command from up to down says in sentences what it did, and at the end nothing is left."""
    up = _evac(tmp_path, "up", "--no-inference", "--name", "mine")
    try:
        assert (up.returncode, up.stderr.count("\n")) == (0, 8)
        assert "evac lab kill us-east-1 --name mine" in up.stdout
        assert "us-east-1  127.0.1.1  primary" in _evac(tmp_path, "status", "--name", "mine").stdout
        cut = _evac(tmp_path, "partition", "us-east-1", "--no-power", "--name", "mine")
        assert "nobody reaches it. Join it again with `evac lab reconnect us-east-1 --name mine`" in cut.stdout
        assert "cut off from outside: us-east-1" in _evac(tmp_path, "status", "--name", "mine").stdout
        assert "is joined again." in _evac(tmp_path, "reconnect", "us-east-1", "--name", "mine").stdout
        assert "is dead:" in _evac(tmp_path, "kill", "us-east-1", "--name", "mine").stdout
        seen = json.loads(_evac(tmp_path, "status", "--name", "mine", "-o", "json").stdout)
        assert [region["database"] for region in seen["lab"]["regions"]] == ["down", "standby"]
        assert "is up again as primary" in _evac(tmp_path, "heal", "us-east-1", "--name", "mine").stdout
        mars = _evac(tmp_path, "kill", "mars", "--name", "mine")
        assert (mars.returncode, mars.stderr) == (
            2,
            "evac: The lab has no region 'mars'. Its regions are us-east-1, eu-west-1.\n",
        )
        again = _evac(tmp_path, "up", "--name", "mine")
        assert (again.returncode, "is up already" in again.stderr) == (4, True)
    finally:
        down = _evac(tmp_path, "down", "--name", "mine")
    assert down.returncode == 0
    assert list(tmp_path.iterdir()) == []
    assert processes_of(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_up_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, a kill and a closed terminal alike."""
    home = tmp_path / "lab"
    with subprocess.Popen([EVAC, "lab", "up", "--home", str(home)], stderr=subprocess.PIPE, text=True) as process:
        while not (home / "processes/us-east-1/vector-db.json").exists():
            assert process.poll() is None
        data = Lab.load(home).data
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert processes_of(home, data) == []
    assert not home.exists()
    assert not data.exists()


@pytest.mark.parametrize(
    "words",
    [("status",), ("down",), ("kill", "us-east-1"), ("heal", "us-east-1"), ("partition", "us-east-1"), ("load",)],
)
def test_without_a_lab_every_command_says_what_to_do(tmp_path: Path, words: tuple[str, ...]) -> None:
    """A sentence, the code for what does not exist, and no stack trace."""
    done = _evac(tmp_path, *words)
    assert done.returncode == 2
    home = tmp_path / ".evac/lab/lab"
    what = f"There is no lab in {home}. Start one with `evac lab up`, or say where it is with --home."
    assert done.stderr == f"evac: {what}\n"


def test_a_name_that_cannot_be_is_refused(tmp_path: Path) -> None:
    """Names become folders and workflow ids."""
    done = _evac(tmp_path, "up", "--name", "../elsewhere")
    assert (done.returncode, "cannot name a lab" in done.stderr) == (2, True)


def test_rows_are_counted_and_none_is_lost(tmp_path: Path) -> None:
    """`load` runs until it is interrupted, and then compares what was acknowledged with what is there."""
    home = tmp_path / "lab"
    assert _evac(tmp_path, "up", "--no-inference", "--home", str(home)).returncode == 0
    try:
        with subprocess.Popen([EVAC, "lab", "load", "--home", str(home)], stdout=subprocess.PIPE, text=True) as process:
            while not any(b'"good":true' in path.read_bytes() for path in (home / "load").glob("*.jsonl")):
                assert process.poll() is None
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "0 of " in output
        assert "are missing in vector-db.us-east-1" in output
    finally:
        assert _evac(tmp_path, "down", "--home", str(home)).returncode == 0
