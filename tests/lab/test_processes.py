"""The register of processes: a kill reaches everything in its place, and nothing else."""

import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from lab.errors import LabError
from lab.killing import Entry, kill_until_gone
from lab.layout import lay_out
from lab.processes import Processes
from lab.topology import Lab, LabSpec
from tests.lab.machine import processes_of
from tests.lab.started import free_port

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
# A process whose child leaves its session and whose parent ends: nothing but the mark leads to it.
ORPHAN = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "orphan"], start_new_session=True)
"""


HEADLESS = """
import ctypes, socket, threading, time
listener = socket.create_server(("127.0.0.1", int({port})))
threading.Thread(target=time.sleep, args=(60,)).start()
ctypes.CDLL(None).syscall({exit}, 0)
"""
EXIT_OF_ONE_THREAD = {"x86_64": 60, "aarch64": 93}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab that is laid out, with nothing running."""
    laid_out = lay_out(LabSpec(home=tmp_path / "lab"))
    yield laid_out
    Processes(laid_out).kill_place("here", "there")
    assert processes_of(laid_out.home) == []
    if laid_out.data.exists():
        laid_out.data.rmdir()


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with any lab."""
    with subprocess.Popen(SLEEP) as process:
        yield process
        process.kill()


def wait_while(condition: Callable[[], bool]) -> None:
    """Look again and again, and leave the processor to the process that is waited for; the test's timeout bounds it."""
    while condition():
        time.sleep(0.01)  # nothing tells when another process has come so far


def test_a_killed_place_takes_its_children_and_orphans_with_it(lab: Lab) -> None:
    """Children die, and grandchildren that nobody is the parent of any more; other places live on."""
    processes = Processes(lab)
    processes.spawn("here", "plain", SLEEP)
    processes.spawn("here", "orphanage", (sys.executable, "-c", ORPHAN + "time.sleep(60)"))
    processes.spawn("here", "abandoned", (sys.executable, "-c", ORPHAN))
    processes.spawn("there", "plain", SLEEP)
    wait_while(
        lambda: (
            sum(line.endswith(" orphan") for line in processes_of(lab.home)) < 2
            or processes.find("here", "abandoned") is not None
        )
    )
    killed = processes.kill_place("here")
    assert killed.processes == 4
    assert killed.gone_at >= killed.at
    assert processes.entries("here") == ()
    assert len(processes_of(lab.home)) == 1
    assert processes.find("there", "plain") is not None


def test_a_recycled_pid_is_never_killed(lab: Lab, stranger: subprocess.Popen[bytes]) -> None:
    """A pid that belongs to somebody else now is nobody of ours: not found, not killed."""
    processes = Processes(lab)
    entry = processes.attach("here", "gone", stranger.pid)
    assert entry.process() is not None
    recycled = Entry(place="here", name="gone", pid=stranger.pid, started=entry.started - 100)
    (lab.home / "processes/here/gone.json").write_text(recycled.model_dump_json())
    assert processes.find("here", "gone") is None
    assert processes.kill("here", "gone").processes == 0
    assert processes.kill_place("here").processes == 0
    assert stranger.poll() is None


def test_an_attached_process_dies_with_its_place(lab: Lab, stranger: subprocess.Popen[bytes]) -> None:
    """What others put into a region, such as its vantage point's worker, is part of the region."""
    Processes(lab).attach("here", "worker", stranger.pid)
    assert Processes(lab).kill_place("here").processes == 1
    assert stranger.wait(5) == -9


def test_one_process_can_be_killed_alone(lab: Lab) -> None:
    """The others of its place live on, and its name is free again."""
    processes = Processes(lab)
    processes.spawn("here", "one", SLEEP)
    processes.spawn("here", "two", SLEEP)
    with pytest.raises(LabError, match="one runs already in here"):
        processes.spawn("here", "one", SLEEP)
    assert processes.kill("here", "one").processes == 1
    assert processes.find("here", "one") is None
    assert processes.find("here", "two") is not None
    processes.spawn("here", "one", SLEEP)


def test_output_is_kept_and_libpq_is_not_led_astray(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process writes to its own log, and inherits no PG* variable."""
    monkeypatch.setenv("PGHOST", "elsewhere")
    processes = Processes(lab)
    says = (
        "import os, time; print(os.environ.get('PGHOST'), 'said', flush=True); time.sleep(60)"  # lives until it is read
    )
    processes.spawn("here", "talker", (sys.executable, "-c", says))
    wait_while(lambda: not processes.log_tail("here", "talker"))
    assert processes.log_tail("here", "talker") == "None said"


def test_a_program_that_is_not_there_is_a_sentence(lab: Lab) -> None:
    """Nothing is registered for it."""
    with pytest.raises(LabError, match="nonsense could not be started in here"):
        Processes(lab).spawn("here", "nonsense", ("/does/not/exist",))
    assert Processes(lab).entries() == ()


@pytest.mark.skipif(platform.machine() not in EXIT_OF_ONE_THREAD, reason="the number of the system call is not known")
def test_a_process_whose_first_thread_has_ended_is_killed_with_the_others(lab: Lab) -> None:
    """The system calls it a zombie, but it holds its port: it is alive until the last thread has ended."""
    processes = Processes(lab)
    port = free_port()
    script = HEADLESS.format(port=port, exit=EXIT_OF_ONE_THREAD[platform.machine()])
    pid = processes.spawn("here", "headless", (sys.executable, "-c", script)).pid
    wait_while(lambda: psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    assert processes.find("here", "headless") is not None
    assert processes.kill("here", "headless").processes == 1
    socket.create_server(("127.0.0.1", port)).close()


def test_a_search_that_takes_long_is_no_process_that_does_not_die(stranger: subprocess.Popen[bytes]) -> None:
    """What it found is dead a moment later, although the time for dying was over before it was killed."""
    waits = iter([0.3, 0.0, 0.0])

    def search() -> Iterator[psutil.Process]:
        time.sleep(next(waits, 0.0))  # the search that takes long is what is tested
        if stranger.poll() is None:
            yield psutil.Process(stranger.pid)

    assert kill_until_gone(search, within=0.2).processes == 1
    assert stranger.wait(5) == -signal.SIGKILL


def test_what_is_started_again_and_again_is_told() -> None:
    """Somebody's supervisor would be stronger than any number of kills."""
    with pytest.raises(LabError, match="started there as fast as they are killed"):
        kill_until_gone(_risen, within=0.2)


def _risen() -> Iterator[psutil.Process]:
    """One that has just been started, and is dead at the end of the search."""
    with subprocess.Popen(SLEEP) as process:
        yield psutil.Process(process.pid)
