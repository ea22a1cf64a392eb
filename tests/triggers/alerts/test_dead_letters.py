"""What led to nothing is kept, within bounds, and listed."""

import json
import stat
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.triggers.alerts.conftest import Served
from tests.triggers.alerts.payloads import ALERTMANAGER, SAMPLES, changed
from triggers.alerts.dead_letters import DeadLetter, DeadLetters, dead_letters
from triggers.cli.main import app

ALERTS = next(sample for sample in SAMPLES if sample.source == "alertmanager")


def listed(*options: str) -> Any:
    """What the command says: a document, or lines."""
    ran = CliRunner().invoke(app, ["alerts", "dead", *options])
    assert ran.exit_code == 0
    return json.loads(ran.output) if "json" in options else ran.output.splitlines()


async def test_they_are_listed(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """For people and for programs, the newest last; readable by their owner only."""
    home = served.house.settings.home
    monkeypatch.setenv("EVAC_HOME", str(home))
    assert listed() == [f"No dead letters in {home / 'dead-letters'}."]
    other = changed(ALERTMANAGER, "alerts", 0, "labels", to={"alertname": "DiskFull", "x": "\x1b[31m"})
    await served.post(ALERTS, other)
    await served.post(ALERTS, b'{"version": "5"}')
    title, unmatched, *unparseable = listed()
    assert title.split() == ["WHEN", "ENDPOINT", "WHY", "WHAT"]
    assert "alertmanager/prod  unmatched" in unmatched
    assert "alertname=DiskFull x= [31m" in unmatched
    assert "`version` is not as expected: Input should be '4'" in " ".join(unparseable)
    found = listed("--source", "alertmanager/prod", "--limit", "1", "-o", "json")
    assert (found["total"], [letter["why"] for letter in found["dead_letters"]]) == (2, ["unparseable"])
    assert listed("--source", "grafana", "-o", "json")["total"] == 0
    assert listed("--limit", "1")[-1] == "1 older ones are not shown; --limit shows more."
    files = list((home / "dead-letters").glob("*.jsonl"))
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


async def test_they_never_fill_the_disk(tmp_path: Path) -> None:
    """A file that is full makes room: the newest are kept, and what was cut short is left out."""
    kept = DeadLetters(tmp_path, largest=2000)
    for number in range(100):
        sentence = f"{number:03} {'x' * 100}"
        one = DeadLetter(at=time.time(), why="unparseable", source="datadog", name="d", sentence=sentence)
        await kept.keep([one])
    files = list((tmp_path / "dead-letters").glob("*.jsonl"))
    assert (len(files), max(file.stat().st_size for file in files) <= 2000) == (4, True)
    numbers = [int(letter.sentence[:3]) for letter in dead_letters(tmp_path)]
    assert numbers == list(range(numbers[0], 100))
    newest = tmp_path / "dead-letters" / "unparseable.jsonl"
    newest.write_bytes(newest.read_bytes()[:-20])
    assert [int(letter.sentence[:3]) for letter in dead_letters(tmp_path)] == numbers[:-1]
