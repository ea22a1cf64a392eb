"""The processes of a lab and the places they are in: started there, and dead with the place.

Every process is known by its pid *and* its start time, so that a pid that the system has given to somebody else
is never killed. What a process starts itself belongs to the same place: it is found as a child, by the mark that
it inherits in its environment, or by working inside the place's data directory (PostgreSQL hides its environment).
"""

import os
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from lab.errors import EndedError, LabError
from lab.identity import Identity, identity
from lab.killing import MARK, Entry, Killed, family, inhabitants, kill_until_gone, started_at
from lab.program import Program
from lab.topology import Lab, write_atomically


class Processes:
    """The register of a lab's processes: one small file each, in `HOME/processes/PLACE/NAME.json`."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._folder = lab.home / "processes"

    def spawn(
        self,
        place: str,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        user: Identity | None = None,
    ) -> Entry:
        """Start a program in a place, detached from this session; its output goes to `HOME/log/PLACE/NAME.log`.

        Raises LabError when the place has a living process of that name already, or the program cannot be started.
        """
        if self.find(place, name) is not None:
            message = f"{name} runs already in {place}."
            raise LabError(message)
        log = self._lab.log(place, name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            try:
                process = subprocess.Popen(  # noqa: S603  (the argument lists are the lab's own)
                    list(argv),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    cwd="/",
                    env=self.environment(place, env),
                    start_new_session=True,
                    user=user.uid if user else None,
                    group=user.gid if user else None,
                    extra_groups=[] if user else None,
                )
            except OSError as error:
                message = f"{name} could not be started in {place}: {error}."
                raise LabError(message) from error
        # Whoever kills it later may be another process: without this it would stay a zombie of ours.
        threading.Thread(target=process.wait, name=f"reap-{name}", daemon=True).start()
        return self.attach(place, name, process.pid, argv=tuple(argv))

    def start(self, place: str, name: str, program: Program) -> Entry:
        """As `spawn`, for one of the lab's own programs."""
        return self.spawn(place, name, program.argv, env=program.env, user=identity(program.user))

    def attach(self, place: str, name: str, pid: int, *, argv: tuple[str, ...] = ()) -> Entry:
        """Put a running process into a place: it dies with it."""
        try:
            started = started_at(psutil.Process(pid))
        except psutil.NoSuchProcess:
            raise EndedError(name, place, self.log_tail(place, name)) from None
        entry = Entry(place=place, name=name, pid=pid, started=started, argv=argv)
        write_atomically(self._file(place, name), entry.model_dump_json() + "\n")
        return entry

    def environment(self, place: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """What a process of the place gets: ours, with its mark, without what would lead libpq elsewhere (PG*)."""
        ours = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        return {**ours, **(more or {}), MARK: self._mark(place)}

    def entries(self, place: str | None = None) -> tuple[Entry, ...]:
        """What was registered (in one place, or in all), dead or alive."""
        found = []
        for path in sorted(self._folder.glob(f"{place or '*'}/*.json")):
            with suppress(FileNotFoundError):
                found.append(Entry.model_validate_json(path.read_text()))
        return tuple(found)

    def find(self, place: str, name: str) -> psutil.Process | None:
        """The living process of that name in the place, or None."""
        with suppress(FileNotFoundError):
            return Entry.model_validate_json(self._file(place, name).read_text()).process()
        return None

    def family(self, place: str, name: str) -> Iterator[psutil.Process]:
        """The processes of that name in the place that live, and everything that they started."""
        return family(entry for entry in self.entries(place) if entry.name == name)

    def log_tail(self, place: str, name: str, size: int = 2000) -> str:
        """The end of what the process has written."""
        with suppress(FileNotFoundError):
            return self._lab.log(place, name).read_text(errors="replace")[-size:].strip()
        return ""

    def kill(self, place: str, name: str) -> Killed:
        """SIGKILL to one process and everything that it started; returns when nothing of it is left."""
        entries = [entry for entry in self.entries(place) if entry.name == name]
        killed = kill_until_gone(lambda: family(entries))
        self._file(place, name).unlink(missing_ok=True)
        return killed

    def kill_place(self, *places: str) -> Killed:
        """SIGKILL at once to everything in the places, children included; returns when nothing of it is left."""
        entries = [entry for place in places for entry in self.entries(place)]
        marks = {self._mark(place) for place in places}
        folders = tuple(self._lab.data / place for place in places)
        # The known families die first, without waiting for the search of the whole machine.
        killed = kill_until_gone(lambda: family(entries), lambda: inhabitants(marks, folders))
        for entry in entries:
            self._file(entry.place, entry.name).unlink(missing_ok=True)
        return killed

    def kill_server(self, place: str, name: str, folder: Path | None = None) -> Killed:
        """As `kill`, and everything that works in the server's folder (default: the place's databases')."""
        entries = [entry for entry in self.entries(place) if entry.name == name]
        folders = (folder or self._lab.data / place,)
        killed = kill_until_gone(lambda: family(entries), lambda: inhabitants(set(), folders))
        self._file(place, name).unlink(missing_ok=True)
        return killed

    def _mark(self, place: str) -> str:
        return f"{self._lab.home}#{place}"

    def _file(self, place: str, name: str) -> Path:
        return self._folder / place / f"{name}.json"
