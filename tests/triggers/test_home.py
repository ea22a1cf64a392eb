"""A folder for Evac's files that cannot be had, and settings that name nothing: a sentence, never a fault in Evac."""

import os
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.triggers.conftest import PROGRAMS, ROOT
from triggers.cli.main import app


@pytest.mark.parametrize(
    "command",
    [("worker", "--embedded"), ("console", "token", "create", "ci", "--role", "viewer")],
    ids=lambda one: one[0],
)
def test_a_home_that_is_a_file(tmp_path: Path, command: tuple[str, ...]) -> None:
    """It is named, with the variable that chooses another one."""
    home = tmp_path / "home"
    home.write_text("")
    # In a process of its own: a worker sets Temporal's runtime, which a process does once.
    ran = subprocess.run(
        [PROGRAMS / "evac", *command],
        env={**os.environ, "EVAC_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, f"{home} cannot be used: File exists" in ran.stderr) == (2, True)
    assert "EVAC_HOME" in ran.stderr


@pytest.mark.parametrize(
    ("command", "environment", "said"),
    [
        (("worker", "--vantage", ""), {}, "--vantage wants a region"),
        (("status",), {"EVAC_TASK_QUEUE": ""}, "EVAC_TASK_QUEUE cannot be used"),
    ],
)
def test_a_variable_of_a_script_that_was_empty(
    command: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    """It would work on a queue where nobody asks, and say that it works."""
    ran = CliRunner().invoke(app, command, env=environment)
    assert (ran.exit_code, said in " ".join(ran.stderr.split())) == (2, True)
