"""`--dry-run`: the plan, as `evac plan` shows it. Temporal cannot be reached here, so nothing can have been started."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.triggers.conftest import UNREACHABLE
from tests.workflows.world import runbook
from triggers.cli.main import app

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", UNREACHABLE)
    monkeypatch.setenv("EVAC_HOME", str(tmp_path))


def _file(folder: Path, **changes: Any) -> str:
    book = runbook(**changes)
    path = folder / f"{book.name}.yaml"
    text = json.dumps(book.model_dump(mode="json", exclude_unset=True))
    # Nobody answers, and at once: of a made-up name a resolver finds that out now within the bound, now beyond it.
    for number, name in enumerate(("us", "eu"), start=1):
        text = text.replace(f"http://{name}", f"http://127.0.0.{number}:9")
    path.write_text(text)
    return str(path)


def _run(*arguments: str) -> Result:
    return RUNNER.invoke(app, [*arguments, "-o", "json"])


@pytest.mark.parametrize(
    ("command", "same"),
    [
        (("failover", "--from", "us-east-1"), ("failover", "--from", "us-east-1")),
        (("switchover", "--from", "us-east-1"), ("switchover", "--from", "us-east-1")),
        (("failback", "--from", "eu-west-1"), ("failback", "--from", "eu-west-1")),
        (("drill", "--full"), ("switchover", "--from", "us-east-1")),
        (("drill", "--isolated"), ("drill",)),
    ],
)
def test_it_is_the_plan_that_evac_plan_shows(tmp_path: Path, command: tuple[str, ...], same: tuple[str, ...]) -> None:
    """With the same checksum and the same code; nobody is asked whether it is meant."""
    (name, *more), (procedure, *where), file = command, same, _file(tmp_path)
    ran = _run(name, file, *more, "--dry-run")
    plan = _run("plan", file, "--procedure", procedure, *where)
    assert ran.stderr.startswith("A dry run: nothing is started.")
    assert (ran.exit_code, json.loads(ran.stdout)) == (plan.exit_code, json.loads(plan.stdout))
    assert json.loads(ran.stdout)["plan"]["procedure"] == procedure


def test_of_an_evacuation_every_plan_is_shown_in_its_wave(tmp_path: Path) -> None:
    """The one that another depends on comes first; one that would refuse itself is named."""
    files = [_file(tmp_path, name="b", depends_on=["a"]), _file(tmp_path, name="a")]
    ran = _run("evacuate", "us-east-1", *files, "--dry-run")
    waves = [[plan["runbook"] for plan in wave] for wave in json.loads(ran.stdout)["waves"]]
    assert (ran.exit_code, waves) == (4, [["a"], ["b"]])
    assert "evac: a: this plan refuses itself for " in ran.stderr
    text = RUNNER.invoke(app, ["evacuate", "us-east-1", *files, "--dry-run"])
    assert text.stdout.startswith("wave 1: a\nfailover of a: us-east-1 -> eu-west-1\n")
