"""`evac` for tests, without the start of an interpreter that imports everything: a process that has done so forks it.

    command = evac()        # the path of a program that takes what `evac` takes

The program is `nursling.py`: it hands its arguments, environment, folder and open files over, passes signals on, and
ends as the command has ended. It saves a second of a processor at each of some hundred commands. A test about how
`evac` starts, or that kills it, uses the installed program.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[1]
_ROOMS = ("triggers", "worker")


@cache
def evac() -> str:
    """The program's path; the nursery is started with the first one, and ends with this process."""
    home = Path(tempfile.mkdtemp(prefix="evac-nursery-"))
    program = home / "evac"
    program.write_text(f"#!{sys.executable} -IS\n{Path(__file__).with_name('nursling.py').read_text()}")
    program.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home / "evac.sock"))
        listener.listen(64)
        known = {name: value for name, value in os.environ.items() if not name.startswith(("EVAC_", "TEMPORAL_"))}
        nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery", str(listener.fileno()), str(os.getpid())],
            cwd=ROOT,
            env={**known, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
        )

    def close() -> None:
        nursery.terminate()
        nursery.wait()
        shutil.rmtree(home, ignore_errors=True)

    atexit.register(close)
    return str(program)


class _Nursery:
    """Forks a command for each that connects, and tells it how that ended; who hangs up wants it dead."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._ready = selectors.DefaultSelector()
        self._ready.register(listener, selectors.EVENT_READ, self._come)

    def serve(self, parent: int) -> None:
        """Until the parent is gone."""
        while os.getppid() == parent:
            for key, _ in self._ready.select(timeout=1):
                if key.fd in self._ready.get_map():
                    key.data()

    def _come(self) -> None:
        line, _ = self._listener.accept()
        text, files, _, _ = socket.recv_fds(line, 1 << 20, 3)
        while not text.endswith(b"\n") and (more := line.recv(1 << 20)):
            text += more
        child = os.fork() if text.endswith(b"\n") else None
        if child == 0:
            _become(json.loads(text), files)
        for file in files:
            os.close(file)
        if child is None:
            line.close()  # it was killed before it could ask
            return
        with suppress(OSError):  # killed meanwhile: its end of the line tells that below
            line.sendall(b"%d\n" % child)
        watch = os.pidfd_open(child)
        self._ready.register(watch, selectors.EVENT_READ, lambda: self._ended(line, child, watch))
        self._ready.register(line, selectors.EVENT_READ, lambda: os.kill(child, signal.SIGKILL))

    def _ended(self, line: socket.socket, child: int, watch: int) -> None:
        _, status = os.waitpid(child, 0)
        self._ready.unregister(watch)
        self._ready.unregister(line)
        os.close(watch)
        with line, suppress(OSError):  # it was killed, and the command with it
            line.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(asked: dict[str, Any], files: list[int]) -> NoReturn:
    """The command itself, as if it had just been started."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.closerange(3, 4096)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    sys.argv = ["evac", *asked["arguments"]]
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as long as the process lives
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", errors="backslashreplace", closefd=False)  # noqa: SIM115
    from triggers.cli.main import main  # noqa: PLC0415 - imported long ago, but not by whoever asks for `evac`

    main()


def _import_all() -> None:
    for room in _ROOMS:
        for module in pkgutil.walk_packages([str(ROOT / room)], f"{room}."):
            importlib.import_module(module.name)
    importlib.import_module("lab.cli")


if __name__ == "__main__":
    _import_all()
    gc.freeze()
    _Nursery(socket.socket(fileno=int(sys.argv[1]))).serve(int(sys.argv[2]))
