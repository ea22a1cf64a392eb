"""Evac as a user has it: its command line, workers as processes of their own, and the state of the run."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError

from runbooks.runs import Phase, RunState
from tests import nursery
from tests.e2e.prometheus import program
from tests.lab.started import until
from triggers import names
from worker.connect import CannotReachTemporalError, connect
from worker.settings import Settings

ROOT = Path(__file__).parents[2]
_EVERY = 0.1


class EvacCli:
    """The command line in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._client: Client | None = None

    def environment(self, who: str) -> dict[str, str]:
        """What a command sees; AWS's own variables are left as they are."""
        known = {name: value for name, value in os.environ.items() if not name.startswith(("TEMPORAL_", "EVAC_"))}
        ours = {"EVAC_HOME": str(self.home / "state"), "EVAC_ACTOR": who, "COLUMNS": "200", "PYTHONPATH": str(ROOT)}
        return {**known, **ours}

    async def run(self, *arguments: str, who: str = "ann") -> tuple[int | None, str]:
        """The exit code, and everything it wrote."""
        process = await asyncio.create_subprocess_exec(
            nursery.evac(),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self.environment(who),
        )
        out, _ = await process.communicate()
        return process.returncode, out.decode()

    async def state(self, book: str) -> dict[str, Any]:
        """The run's, as `evac status` gives it; empty while there is none."""
        _, out = await self.run("status", book, "--output", "json")
        found = json.loads(out) if out.startswith("{") else {}
        return found.get("run") or {}

    async def _now(self, book: str) -> RunState | None:
        """The run's state without a process for each look; None while there is none."""
        with suppress(CannotReachTemporalError, RPCError, WorkflowQueryFailedError):
            self._client = self._client or await connect(Settings(home=self.home / "state"))
            handle = self._client.get_workflow_handle(names.run_id_of(book), result_type=RunState)
            return await handle.query(names.STATE, result_type=RunState, rpc_timeout=timedelta(seconds=5))
        return None

    async def waiting(self, book: str, procedure: str, phase: str, within: float = 60) -> dict[str, Any]:
        """The run of that procedure as soon as it waits so; what it said instead, when it does not."""

        async def waits() -> bool:
            now = await self._now(book)
            await asyncio.sleep(_EVERY)
            return now is not None and now.procedure == procedure and now.phase in (phase, Phase.ENDED)

        with suppress(AssertionError):
            await until(waits, within=within)
        found = await self.state(book)
        said = [str(found.get("phase")), *(event["text"] for event in found.get("events", ()))]
        assert (found.get("procedure"), found.get("phase")) == (procedure, phase), "\n".join(said)
        return found

    async def decided(self, book: str, command: list[str], *who: str) -> dict[str, Any]:
        """The run's end: asked for by ann with that command, and approved by these."""
        following = asyncio.create_task(self.run(*command, "--yes", "--timeout", "200s"))
        try:
            waiting = await self.waiting(book, command[0], "awaiting-approval")
        except AssertionError as error:
            if following.done():
                message = following.result()[1]
                raise AssertionError(message) from error
            following.cancel()
            raise
        for person in who:
            code, said = await self.run("approve", book, "--plan", waiting["checksum"], who=person)
            assert code == 0, said
        code, followed = await following
        assert code == 0, followed
        return await self.state(book)


EvacT = TypeVar("EvacT", bound=EvacCli)


@asynccontextmanager
async def at_work(evac: EvacT, vantages: Iterable[str] = ()) -> AsyncIterator[EvacT]:
    """A worker with its own server, and one that watches from each of these regions."""
    home = evac.home
    with ExitStack() as programs:
        environment = evac.environment("worker")
        programs.enter_context(program([nursery.evac(), "worker", "--embedded"], home / "worker.log", environment))
        await until(lambda: _there(home / "state" / "server.json"), within=60)
        for vantage in vantages:
            command = [nursery.evac(), "worker", "--vantage", vantage]
            programs.enter_context(program(command, home / f"{vantage}.log", environment))
        for log in ("worker", *vantages):
            await until(lambda log=log: _says(home / f"{log}.log", "working on"), within=60)  # type: ignore[misc]
        yield evac


async def _says(path: Path, word: str) -> bool:
    return word in path.read_text()  # noqa: ASYNC240 - as below


async def _there(path: Path) -> bool:
    return path.exists()  # noqa: ASYNC240 - a test waits for nothing else
