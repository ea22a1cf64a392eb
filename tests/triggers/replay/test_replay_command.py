"""`evac replay` as people and CI use it: no server, no record but files."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from audit.record import write
from runbooks.models import Runbook
from runbooks.runs import RunInput
from tests.runbooks.test_render import state
from triggers.cli.main import app
from triggers.replay.inputs import argument
from triggers.replay.recording import read

ROOT = Path(__file__).parents[3]
HISTORIES = ROOT / "tests" / "histories"
GOLDEN = ROOT / "tests" / "triggers" / "golden"
BY_HAND = str(HISTORIES / "failover-recovered-by-hand.json")
RECOVERED = str(HISTORIES / "failover-recovered.json")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVAC_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "140")


def _evac(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_the_same() -> None:
    """One sentence, code 0."""
    ran = _evac("replay", RECOVERED)
    assert ran.exit_code == 0
    assert re.fullmatch(
        r"failover-recovered: the code of today does what was done then: \d+ events, no difference.\n", ran.stdout
    )


def test_another_way_is_code_1_and_says_where(tmp_path: Path) -> None:
    """A history whose first activity bears another name."""
    text = Path(RECOVERED).read_text().replace('{"name": "look"}', '{"name": "glance"}').replace('"look"', '"glance"')
    (tmp_path / "other.json").write_text(text)
    ran = _evac("replay", str(tmp_path / "other.json"))
    assert ran.exit_code == 1
    assert 'at event 5 recorded was: start the activity glance ("Look at the regions from eu-west-1")' in ran.stderr
    assert "the code of today does: start the activity look" in ran.stderr
    told = json.loads(_evac("replay", str(tmp_path / "other.json"), "-o", "json").stdout)
    assert (told["deterministic"], told["first"]["event"]) == (False, 5)


def _plain(text: str) -> list[str]:
    """Without what another recording of the same scenario changes: times, durations, sums, ids."""
    for pattern, word in (
        (r"\d{4}-\d\d-\d\d ", ""),
        (r"\d\d:\d\d:\d\dZ", "HH:MM:SSZ"),
        (r"run [0-9a-f-]{13}", "run ID"),
        (r"\b(?=[0-9a-f]*\d)[0-9a-f]{8,12}\b", "SUM"),
        (r"\+?\d+(\.\d+)? (ms|s)\b", "N s"),
        (r"event \d+", "event N"),
        (r"[─━╸╺]+", "---"),
        (r"\d+%", "N%"),
        (r" {2,}", "  "),
    ):
        text = re.sub(pattern, word, text)
    return [line.rstrip() for line in text.splitlines()]


def _approval() -> str:
    """The event at which the approval came."""
    listed = _evac("replay", RECOVERED, "--step").stdout.splitlines()
    return next(line.split()[0] for line in listed if line.endswith("signal decide: bob: approve"))


@pytest.mark.parametrize("name", ["replay-at", "replay-otherwise"])
def test_as_it_is_shown(name: str) -> None:
    """The golden text: what the approver saw, and what would be otherwise."""
    stricter = ("--set", "objectives.rpo=10ms", "--set", "policy.failover.approval.count=2")
    ran = _evac("replay", *((RECOVERED, "--at", _approval()) if name == "replay-at" else (BY_HAND, *stricter)))
    assert ran.exit_code == 0
    assert (GOLDEN / f"{name}.txt").read_text().splitlines() == _plain(ran.stdout)


def test_every_event_is_listed_with_how_the_run_stood() -> None:
    """A line an event, and the phase whenever it became another."""
    told = _plain(_evac("replay", RECOVERED, "--step").stdout)
    phases = ["CONFIRMING", "AWAITING APPROVAL: Plan SUM", "RUNNING: Carrying out", "RECOVERED: llm serves from"]
    places = [next(n for n, line in enumerate(told) if line.strip().startswith(phase)) for phase in phases]
    assert places == sorted(places)
    assert any(line.endswith("done: Fence vector-db in us-east-1") for line in told)


def test_a_time_is_the_state_at_that_time() -> None:
    """A second after its end the run has ended; at its first second it had only begun."""
    listed = json.loads(_evac("replay", RECOVERED, "--step", "-o", "json").stdout)["events"]
    for moment, phase in ((listed[-1]["at"] + 1, "ended"), (listed[0]["at"] + 3600, "ended")):
        clock = datetime.fromtimestamp(moment, tz=UTC).strftime("%H:%M:%S")
        told = json.loads(_evac("replay", RECOVERED, "--at", clock, "-o", "json").stdout)
        assert phase == told["state"]["phase"]
    assert listed[0]["state"] is None


def test_a_stricter_rpo_refuses_a_lossy_failover() -> None:
    """Something was lost, within five seconds; with ten milliseconds the plan refuses itself."""
    told = json.loads(_evac("replay", BY_HAND, "--set", "objectives.rpo=0.01", "-o", "json").stdout)
    changes = {change["about"]: (change["then"], change["now"]) for change in told["changes"]}
    then, now = changes["refuses itself"]
    assert then == "no"
    assert re.fullmatch(r"vector-db in eu-west-1 is up to [\d.]+ s behind; the objective is 0.01 s", now)


def test_without_its_veto_the_detector_starts() -> None:
    """What it weighed is weighed again; and with a larger quorum nobody would have asked."""
    watch = str(HISTORIES / "watch-vetoed.json")
    first = json.loads(_evac("replay", watch, "--set", "detect.vetoes=[]", "-o", "json").stdout)["changes"][0]
    assert "vetoed: maintenance (all day) until " in first["then"]
    assert first["now"] == "started"
    other = json.loads(_evac("replay", watch, "--set", "detect.quorum=3", "-o", "json").stdout)["changes"][0]
    assert other["now"] == "not asked for: 2 of the 3 vantage points needed see us-east-1 down"


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ((), 2, "name one run"),
        (("nowhere",), 2, "there is no record nowhere"),
        ((RECOVERED, "--at", "never"), 2, "never is neither an event's number nor a time such as 12:03:05"),
        (
            (RECOVERED, "--set", "objectives.rpoo=1"),
            3,
            "the runbook has no setting objectives.rpoo; there are rto, rpo",
        ),
        ((RECOVERED, "--set", "objectives.rpo=few"), 3, "objectives.rpo cannot be so: 'few' is not a duration"),
        ((RECOVERED, "--set", "dry"), 3, "dry changes nothing"),
        ((str(HISTORIES / "watch-vetoed.json"), "--against", "planner"), 2, "is a detector, and makes no plans"),
        (("--all", "nowhere"), 2, "there is no such folder"),
        (("--all", str(ROOT / "docs")), 2, "a gate with none is open"),
    ],
)
def test_what_makes_no_sense_is_said(arguments: tuple[str, ...], code: int, sentence: str) -> None:
    """One sentence, and its code."""
    ran = _evac("replay", *arguments)
    assert ran.exit_code == code
    assert sentence in ran.stderr


def test_all_of_a_folder(tmp_path: Path) -> None:
    """Two that replay, one that is damaged, one that goes another way: both are told, each by its file."""
    for name in ("kill-switch-released", "failover-refused"):
        shutil.copy(HISTORIES / f"{name}.json", tmp_path)
    assert "2 records replay on the code of today" in _evac("replay", "--all", str(tmp_path)).stdout
    text = (HISTORIES / "kill-switch-released.json").read_text()
    (tmp_path / "cut.json").write_text(text[: len(text) // 2])
    (tmp_path / "gone.json").write_text(text.replace('"kill-switch"', '"kill-button"'))
    ran = _evac("replay", "--all", str(tmp_path), "-o", "json")
    told = json.loads(ran.stdout)
    assert (ran.exit_code, told["records"], told["same"]) == (1, 4, 2)
    assert [Path(one["file"]).name for one in told["differences"]] == ["cut.json", "gone.json"]
    assert "is no history of Temporal's" in told["differences"][0]["difference"]


def test_several_processes_give_the_same_answer(tmp_path: Path) -> None:
    """The way that CI goes: two processes, and the one that differs is found."""
    for number in range(16):
        shutil.copy(HISTORIES / "kill-switch-released.json", tmp_path / f"{number:02}.json")
    text = (tmp_path / "07.json").read_text()
    (tmp_path / "07.json").write_text(text.replace('"kill-switch"', '"kill-button"'))
    ran = subprocess.run(
        [str(Path(sys.executable).parent / "evac"), "replay", "--all", str(tmp_path), "--processes", "2"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert ran.returncode == 1
    assert ran.stdout.startswith(f"{tmp_path}/07.json: at event 1 ")
    assert "1 of 16 records do not replay" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_record_is_adopted_and_replayed(tmp_path: Path) -> None:
    """Copied whole; a second time, or when it was edited, it is refused."""
    record = write(tmp_path / "records", state(), "", Path(RECOVERED).read_text())
    cases = tmp_path / "cases"
    ran = _evac("audit", "adopt", str(record), "--to", str(cases))
    assert ran.exit_code == 0
    assert "Nothing in it was anonymised" in ran.stderr
    assert (record / "history.json").read_text() == (cases / record.name / "history.json").read_text()
    assert "1 records replay" in _evac("replay", "--all", str(cases)).stdout
    assert "is there already" in _evac("audit", "adopt", str(record), "--to", str(cases)).stderr
    (record / "state.json").write_text("{}")
    edited = _evac("audit", "adopt", str(record), "--to", str(tmp_path / "more"))
    assert (edited.exit_code, (tmp_path / "more").exists()) == (4, False)


def test_another_file_is_tried_on_the_same_readings(tmp_path: Path) -> None:
    """A runbook of the same name; one of another name is refused."""
    given = argument(read(Path(BY_HAND)).history, RunInput)
    assert given is not None
    assert _against(tmp_path, given.runbook) == []
    service = given.runbook.resources["service"]
    more = {region: count + 1 for region, count in service.replicas.items()}
    larger = {**given.runbook.resources, "service": service.model_copy(update={"replicas": more})}
    grown = _against(tmp_path, given.runbook.model_copy(update={"resources": larger}))
    assert any(change["about"].startswith("step scale.service") for change in grown)
    named = given.runbook.model_copy(update={"name": "shop"})
    with pytest.raises(AssertionError, match="is the runbook shop; the run was one of llm"):
        _against(tmp_path, named)


def test_the_planner_of_today_is_tried_on_the_same_readings(tmp_path: Path) -> None:
    """The one that made the recording plans the same; one that had said a step in other words shows that step."""
    assert json.loads(_evac("replay", BY_HAND, "--against", "planner", "-o", "json").stdout)["changes"] == []
    assert "nothing would be otherwise" in _evac("replay", BY_HAND, "--against", "planner").stdout
    older = tmp_path / "older.json"
    older.write_text(_answered_otherwise(Path(BY_HAND).read_text(), "Fence vector-db in", "Shut vector-db in"))
    ran = _evac("replay", str(older), "--against", "planner")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.startswith("older: the same readings, today's planner\n")
    assert [line.split() for line in ran.stdout.splitlines()[2:]] == [
        ["step", "fence.vector-db.us-east-1,", "sentence"],
        ["then", "Shut", "vector-db", "in", "us-east-1"],
        ["now", "Fence", "vector-db", "in", "us-east-1"],
    ]


def _answered_otherwise(history: str, word: str, other: str) -> str:
    """The history with another word in every payload."""
    document = json.loads(history)

    def inside(value: object) -> None:
        if isinstance(value, dict):
            if isinstance(data := value.get("data"), str) and "metadata" in value:
                said = base64.b64decode(data).replace(word.encode(), other.encode())
                value["data"] = base64.b64encode(said).decode()
            for inner in value.values():
                inside(inner)
        elif isinstance(value, list):
            for inner in value:
                inside(inner)

    inside(document)
    return json.dumps(document)


def _against(folder: Path, book: Runbook) -> list[dict[str, str]]:
    file = folder / "other.yaml"
    file.write_text(book.model_dump_json(exclude_defaults=True))
    ran = _evac("replay", BY_HAND, "--against", str(file), "-o", "json")
    assert ran.exit_code == 0, ran.stderr
    found: list[dict[str, str]] = json.loads(ran.stdout)["changes"]
    return found
