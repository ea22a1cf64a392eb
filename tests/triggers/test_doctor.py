"""`evac doctor`: what it finds, what it says to do, and that nothing can keep it waiting."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import RenderableType
from temporalio.worker import Worker

from runbooks.load import LoadedRunbook, load, loads
from runbooks.readiness import Grade
from tests.runbooks.documents import spoilt
from tests.triggers.conftest import UNREACHABLE, Door
from tests.triggers.test_view import drawn
from tests.workflows.world import runbook
from triggers.cli.doctor import code_of, summary, view
from triggers.cli.exits import Exit
from triggers.doctor import findings, here, pinned, place
from triggers.doctor.books import missing_secrets
from triggers.doctor.findings import Case, Finding
from triggers.doctor.temporal import compared
from triggers.doctor.workers import _told
from worker.identity import identity, release, release_of
from worker.settings import Settings

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = [
    findings.ok("temporal", "Temporal 1.32.0 answers at 127.0.0.1:7233 in 2 ms, namespace default."),
    findings.warn(
        "retention",
        "The namespace forgets what has ended after 1 d; its records stay in /var/lib/evac/records.",
        "For `evac history` to look back further:\ntemporal operator namespace update --retention 30d default",
    ),
    findings.bad("workers", "No worker takes runs and steps from the task queue evac.", "evac worker"),
    findings.unknown("place", "Temporal is on this machine: whether it outlives a region cannot be told."),
]


def _by_check(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["check"]: one for one in found}


def test_it_looks_as_agreed() -> None:
    """What an operator reads at 80 columns is the golden text."""
    picture: RenderableType = view(SAMPLES)
    assert (GOLDEN / "doctor.txt").read_text() == drawn(picture, 80) + summary(SAMPLES) + "\n"


def test_the_code_says_the_first_thing_to_know() -> None:
    """Warnings and what cannot be told are no failure."""
    assert code_of(SAMPLES, reached=True, valid=True) is Exit.FAILED
    assert code_of(SAMPLES, reached=True, valid=False) is Exit.INVALID
    assert code_of(SAMPLES, reached=False, valid=False) is Exit.NO_TEMPORAL
    assert code_of(SAMPLES[:2], reached=True, valid=True) is Exit.DONE


async def test_with_workers_everything_of_temporal_is_good(door: Door) -> None:
    """Only the development server's short memory is worth a warning, and a detector that is not armed."""
    file = door.file()
    ran = await door.evac("doctor", file, "-o", "json")
    found = _by_check(ran.document["findings"])
    of_temporal = ("runbook", "temporal", "attributes", "clock", "workers", "vantage", "kill switch", "records")
    assert {check: found[check]["grade"] for check in of_temporal} == dict.fromkeys(of_temporal, "ok")
    assert (found["retention"]["grade"], "--retention 30d" in found["retention"]["advice"]) == ("warn", True)
    assert (found["detector"]["grade"], found["detector"]["advice"]) == ("warn", f"evac detect {file}")
    assert found["place"]["grade"] == "unknown"


async def test_what_is_missing_is_said_with_its_command(lonely_door: Door) -> None:
    """No worker, nobody at the vantage points: each with what to start."""
    door = lonely_door
    await door.evac("kill-switch", "on", "--runbook", door.name, "--reason", "a test")
    ran = await door.evac("doctor", door.file(), "-o", "json")
    found = _by_check(ran.document["findings"])
    assert (ran.code, found["workers"]["advice"]) == (1, "evac worker")
    assert "nobody looks from us-east-1, eu-west-1, witness. Too few are left" in found["vantage"]["sentence"]
    assert "evac worker --vantage us-east-1" in found["vantage"]["advice"]
    assert found["kill switch"]["advice"].endswith(f"evac kill-switch off --runbook {door.name}")


async def test_an_older_runbook_that_is_armed_or_scheduled_is_told(door: Door) -> None:
    """After an edit the detector and the schedule go on with what they were given."""
    file = door.file()
    await door.evac("detect", file, "--report-only")
    await door.evac("readiness", file, "--every", "7d")
    now = load(file)
    edited = loads(now.text.replace('"rpo": 5.0', '"rpo": 6.0'), now.path)
    for read, grade in ((now, Grade.OK), (edited, Grade.WARN)):
        case = Case(Settings(home=door.home, task_queue=door.queue), (read,))
        (detector,) = await pinned.detectors(case, door.client)
        (schedule,) = await pinned.timetables(case, door.client)
        assert (detector.grade, schedule.grade, "readiness" in schedule.sentence) == (grade, grade, True)
    assert (await door.evac("readiness", file, "--stop")).code == 0
    declares = loads(now.text.replace('"evac": 1', '"evac": 1, "schedules": [{"run": "drill", "every": "7d"}]'), file)
    (owed,) = await pinned.timetables(Case(Settings(home=door.home, task_queue=door.queue), (declares,)), door.client)
    assert (owed.grade, owed.advice) == (Grade.WARN, f"evac schedule sync {file}")
    assert owed.sentence == f"{door.name} declares schedules that Temporal does not keep, or not so: drill."


async def test_a_worker_of_another_release_is_named(lonely_door: Door) -> None:
    """Workers say of which release they are."""
    async with Worker(
        lonely_door.client,
        task_queue=lonely_door.queue,
        activities=lonely_door.world.activities(),
        identity="7@old evac-0.0.9",
    ):
        found = _by_check((await lonely_door.evac("doctor", "-o", "json")).document["findings"])
    assert found["release"]["grade"] == "warn"
    assert "7@old (0.0.9)" in found["release"]["sentence"]
    assert release_of(identity()) == release()
    assert release_of("7@old") is None


async def test_without_temporal_the_rest_is_still_looked_at(lonely_door: Door) -> None:
    """That it cannot be reached is one finding; a file with faults is another."""
    broken = lonely_door.home / "broken.yaml"
    broken.write_text("evac: 1\nname: broken\n")
    ran = await lonely_door.evac("doctor", lonely_door.file(), str(broken), TEMPORAL_ADDRESS=UNREACHABLE)
    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (6, "")
    assert any(line.split()[:2] == ["bad", "temporal"] for line in lines)
    assert any(line.split()[:2] == ["bad", "runbook"] and f"{broken}:1:1: " in line for line in lines)
    assert any(line.split()[:2] == ["ok", "records"] for line in lines)


async def test_a_secret_that_never_comes_keeps_nobody_waiting(lonely_door: Door) -> None:
    """A file on a share that is gone blocks whoever reads it: it is missing, and the command ends."""
    pipe = lonely_door.home / "pipe"
    os.mkfifo(pipe)
    resources = runbook().model_dump(mode="json", exclude_unset=True)["resources"]
    resources["vector-db"]["common"] = {"password": f"file://{pipe}"}
    ran = await lonely_door.evac("doctor", lonely_door.file(resources=resources), "-o", "json")
    found = _by_check(ran.document["findings"])
    assert f"2 of 2 secrets cannot be read here: env://K, file://{pipe}" in found["secrets"]["sentence"]


async def test_no_value_of_a_secret_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only names, whether they lead to something or not."""
    monkeypatch.setenv("EVAC_TEST_SECRET", "hunter22")
    told = await missing_secrets(("env://EVAC_TEST_SECRET", "env://EVAC_NO_SUCH"))
    assert list(told) == ["env://EVAC_NO_SUCH"]
    assert "hunter22" not in str(told)


@pytest.mark.parametrize(
    ("stamped", "grade", "words"),
    [
        (100.05, Grade.OK, "agree, to within 100 ms"),
        (98.0, Grade.WARN, "2 s ahead of"),
        (102.1, Grade.WARN, "2 s behind"),
        (160.1, Grade.BAD, "1 min behind"),
    ],
)
def test_a_clock_is_judged_by_what_is_certain(stamped: float, grade: Grade, words: str) -> None:
    """The server's time was taken somewhere between two times of ours."""
    found = compared(100.0, stamped, 100.1)
    assert (found.grade, words in found.sentence) == (grade, True)


def test_too_few_vantage_points_is_bad_one_fewer_is_a_warning() -> None:
    """As long as a quorum can hear, a dead region is found."""
    book = runbook()
    points = book.vantages()
    (one,) = _told(book, points, ["witness"])
    (all_,) = _told(book, points, list(points))
    assert (one.grade, all_.grade) == (Grade.BAD, Grade.BAD)
    three = book.model_copy(update={"detect": book.detect.model_copy(update={"quorum": 1})})
    (left,) = _told(three, points, ["witness"])
    assert left.grade is Grade.WARN


async def test_temporal_in_a_region_that_may_be_left_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name says so, or it shares an address with something of the region."""
    book = load(_shipped("active-passive"))
    case = Case(Settings(home=tmp_path), (book,))
    monkeypatch.setenv("TEMPORAL_ADDRESS", "192.0.2.10:7233")
    (found,) = await place.temporals_region(case)
    assert found.sentence.endswith(
        "in us-east-1, a region of llm-platform: it shares the address 192.0.2.10 with 192.0.2.10."
    )
    monkeypatch.setenv("TEMPORAL_ADDRESS", "203.0.113.99:7233")
    (found,) = await place.temporals_region(case)
    assert found.grade is Grade.OK
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:7233")
    (found,) = await place.temporals_region(case)
    assert found.grade is Grade.UNKNOWN


def test_temporal_is_in_the_region_of_its_name() -> None:
    """As Temporal Cloud names its endpoints."""
    book = load(_shipped("active-passive")).runbook
    why = asyncio.run(place._why_there("us-east-1.aws.api.temporal.io", {"203.0.113.9"}, book, "us-east-1"))
    assert why == "its name is us-east-1.aws.api.temporal.io"
    assert asyncio.run(place._why_there("us-east-11.aws.example", {"203.0.113.9"}, book, "us-east-1")) is None


async def test_records_that_cannot_be_written_are_bad(tmp_path: Path) -> None:
    """A run's evidence would be lost."""
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    (found,) = await here.records(Case(Settings(home=in_the_way)))
    assert (found.grade, "Not a directory" in found.sentence) == (Grade.BAD, True)
    (found,) = await here.records(Case(Settings(home=tmp_path / "new")))
    assert (found.grade, "(made when needed)" in found.sentence) == (Grade.OK, True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"env://DB"', '"azure-keyvault://evac-kv/db"'),
        (
            '{kind: http, url: "http://{site}/healthz"}',
            "{kind: azure_service_health, azure_region: '{site}', subscription: 11111111-2222-3333-4444-555555555555}",
        ),
    ],
)
async def test_the_extra_of_a_cloud_that_a_runbook_asks_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    """By a secret that it keeps, or a check that asks it."""
    monkeypatch.setitem(sys.modules, "azure", None)
    case = Case(Settings(home=tmp_path), (loads(spoilt((old, new))),))
    _, found = await here.extras(case)
    assert (found.sentence, found.advice) == ("shop needs the extra azure.", "pip install 'evac[azure]'")


async def test_the_extras_of_terraform_and_kubernetes_are_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the kinds of its resources; what HCP Terraform runs needs none here."""
    for module in ("python_terraform", "kubernetes_asyncio"):
        monkeypatch.setitem(sys.modules, module, None)
    local = "directory: /infra, backend: {type: s3, config: {bucket: b, key: %s, region: eu-west-1}}"
    hcp = 'hcp: {organization: o, workspace: %s, token: "env://T"}'
    said = []
    for where in (local, hcp):
        book = loads(
            spoilt(
                ("kind: process\n", "kind: terraform\n"),
                ('us-east-1: {agent: "http://use1:1"}', f"us-east-1: {{{where % 'use1'}}}"),
                ('eu-west-1: {agent: "http://euw1:1"}', f"eu-west-1: {{{where % 'euw1'}}}"),
            )
        )
        said.append([one.sentence for one in (await here.extras(Case(Settings(home=tmp_path), (book,))))[1:]])
    assert said == [["shop needs the extra terraform."], []]
    active = load(_shipped("aws-active-active"))
    found = [one.sentence for one in (await here.extras(Case(Settings(home=tmp_path), (active,))))[1:]]
    assert found == [f"{active.runbook.name} needs the extra kubernetes."]


async def test_what_signs_and_copies_records_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is asked for, and not installed."""
    monkeypatch.setitem(sys.modules, "obstore", None)
    case = Case(Settings(home=tmp_path, signing_key="env://KEY", records_store="s3://bucket/evac"))
    _, *found = await here.extras(case)
    assert [one.sentence for one in found] == [
        "EVAC_SIGNING_KEY needs the extra audit.",
        "EVAC_RECORDS_STORE needs the extra audit.",
    ]


async def test_one_check_that_fails_hides_no_other() -> None:
    """Each has its own time, and its own fault."""

    async def _hangs() -> list[Finding]:
        await asyncio.Event().wait()
        return []

    async def _breaks() -> list[Finding]:
        raise KeyError

    async def _works() -> list[Finding]:
        return [findings.ok("works", "It works.")]

    found = await findings.made([("hangs", _hangs()), ("breaks", _breaks()), ("works", _works())], 0.05)
    assert [(one.check, one.grade) for one in found] == [
        ("hangs", Grade.UNKNOWN),
        ("breaks", Grade.UNKNOWN),
        ("works", Grade.OK),
    ]


def _shipped(name: str) -> Path:
    return Path(sys.modules[LoadedRunbook.__module__].__file__ or "").parent / "library" / f"{name}.yaml"
