"""A lab's beginning and end: whatever happens in between, nothing is left."""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from lab.errors import LabError, LabExistsError, NoLabError
from lab.layout import lay_out
from lab.manager import down, running, up
from lab.postgres_programs import installed_binaries
from lab.processes import Processes
from lab.regions import kill
from lab.topology import Lab, LabSpec
from tests.lab.machine import PAIR, ask, nothing_left, processes_of, shared_memory_of


async def test_down_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    """A killed region is cleaned up as well as a living one, its shared memory too."""
    home = tmp_path / "lab"
    lab = await up(LabSpec(home=home, parts=PAIR))
    async with nothing_left(lab.home, lab.data):
        await kill(lab, "us-east-1")
        segments = shared_memory_of(lab)
        assert len(segments) == 2
        await down(home)
    assert not segments & _segments()
    with pytest.raises(NoLabError):
        await down(home)


async def test_two_labs_stand_side_by_side(tmp_path: Path) -> None:
    """They share no port and no process: one's region dies alone."""
    specs = [LabSpec(name=name, home=tmp_path / name, parts=PAIR) for name in ("left", "right")]
    async with running(specs[0]) as left, running(specs[1]) as right:
        await kill(left, "us-east-1")
        assert await ask(right, "us-east-1", "SELECT pg_is_in_recovery()") == [(False,)]
        assert left.runbook_name != right.runbook_name
    assert processes_of(tmp_path, left.data, right.data) == []


async def test_a_second_up_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    """The lab that is there goes on."""
    spec = LabSpec(home=tmp_path / "lab", parts=frozenset({"power"}))
    async with running(spec) as lab:
        with pytest.raises(LabExistsError, match="is up already"):
            await up(spec)
        assert Processes(lab).find("outside", "power") is not None


async def test_a_folder_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    """`down` removes the lab's folder, so it must hold nothing else."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(LabError, match="is not empty"):
        await up(LabSpec(home=tmp_path))
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


async def test_an_up_that_fails_half_way_cleans_up(tmp_path: Path) -> None:
    """Processes that were started before the failure are gone after it."""
    home = tmp_path / "lab"
    seen: list[str] = []

    def fail_after_the_database(line: str) -> None:
        seen.extend(processes_of(home))
        if "database" in line:
            raise BrokenPipeError

    async with nothing_left(home):
        with pytest.raises(BrokenPipeError):
            await up(LabSpec(home=home, parts=PAIR), fail_after_the_database)
    assert seen


async def test_an_up_that_is_interrupted_cleans_up(tmp_path: Path) -> None:
    """Wherever it was: the copy of the standby, here."""
    home = tmp_path / "lab"
    task = asyncio.create_task(up(LabSpec(home=home, parts=PAIR)))
    while not any("pg_basebackup" in line for line in processes_of(home)):
        assert not task.done()
        await asyncio.sleep(0)
    data = Lab.load(home).data
    async with nothing_left(home, data):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_lab_whose_up_was_killed_can_be_taken_down(tmp_path: Path) -> None:
    """`lab.json` is written before anything starts, so `down` finds all there is."""
    lab = lay_out(LabSpec(home=tmp_path / "lab", parts=PAIR))
    Processes(lab).spawn("us-east-1", "vector-db", ("sleep", "60"))
    async with nothing_left(lab.home, lab.data):
        await down(lab.home)


def test_databases_stay_in_a_folder_that_their_user_can_enter() -> None:
    """The lab is one folder wherever possible."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        lab = lay_out(LabSpec(home=Path(folder) / "open"))
        assert lab.data == lab.home / "data"


async def test_databases_move_out_of_a_folder_that_their_user_cannot_enter(closed: Path) -> None:
    """In a closed home folder the data goes to the system's temporary files, and `down` removes it there."""
    async with running(LabSpec(home=closed / "lab", parts=frozenset({"postgres"}))) as lab:
        assert not lab.data.is_relative_to(closed)
        assert await ask(lab, "eu-west-1", "SELECT pg_is_in_recovery()") == [(True,)]
    assert processes_of(lab.home, lab.data) == []
    assert [path for path in (lab.home, lab.data) if path.exists()] == []


async def test_programs_move_out_of_an_environment_that_their_user_cannot_enter(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL installed in root's own home folder: its programs are copied to where they can be run."""
    package = installed_binaries().parents[1]
    for folder in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(folder, closed / folder.name, symlinks=True)
    monkeypatch.syspath_prepend(closed)
    async with running(LabSpec(home=closed / "lab", parts=frozenset({"postgres"}))) as lab:
        assert lab.binaries.is_relative_to(lab.data)
        assert await ask(lab, "us-east-1", "SELECT pg_is_in_recovery()") == [(False,)]
    assert not lab.data.exists()


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder that is root's alone."""
    if os.geteuid() != 0:
        pytest.skip("only root runs the databases as somebody else")
    tmp_path.chmod(0o700)
    return tmp_path


def _segments() -> set[str]:
    return {row.split()[1] for row in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}
