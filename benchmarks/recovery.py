"""The recovery part of a failover, against a script that knows everything and does the two things that must be done.

Both begin at the moment when the region is dead and both know it (no detection): the floor promotes the standby and
changes the name at once; Evac starts a failover, which observes, plans, fences, scales, promotes, verifies and cuts
over. Both end with the first good write and the first good answer that a client outside gets through the public
name. Each round has a lab of its own; the two take turns. Goal: at most 2x.
"""

import asyncio
import contextlib
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import dns.asyncquery
import dns.rcode
import dns.tsig
import dns.tsigkeyring
import dns.update
import psycopg

from lab.crew import muster
from lab.load import Load
from lab.manager import running
from lab.regions import kill
from lab.topology import ADMIN, PUBLIC_TTL, Lab, LabSpec
from lab.usage import load_config
from runbooks.load import load
from runbooks.runs import RunInput, RunState, Trigger
from triggers.start import start_run
from worker.settings import Settings

ROUNDS = 3
GOAL = 2.0
CALM = 2.0
PATIENCE = 60.0

Recover = Callable[[], Coroutine[Any, Any, None]]
Prepare = Callable[[Lab, Path, AsyncExitStack], Awaitable[Recover]]


async def floor(lab: Lab, _home: Path, stack: AsyncExitStack) -> Recover:
    """Everything is known and connected beforehand."""
    target = lab.regions[1]
    connection = await stack.enter_async_context(
        await psycopg.AsyncConnection.connect(lab.dsn(target.name, ADMIN), autocommit=True)
    )
    key = dns.tsigkeyring.from_text({lab.tsig_key: lab.secret("tsig.key").read_text().strip()})
    name = lab.public_name.removesuffix(f".{lab.zone}")

    async def recover() -> None:
        while True:
            with contextlib.suppress(psycopg.errors.ObjectNotInPrerequisiteState):  # it has been promoted meanwhile
                await connection.execute("SELECT pg_promote(wait => false)")
            row = await (await connection.execute("SELECT pg_is_in_recovery()")).fetchone()
            if row == (False,):
                break
            await asyncio.sleep(0.01)
        await connection.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
        await connection.execute("SELECT pg_reload_conf()")
        update = dns.update.UpdateMessage(lab.zone, keyring=key, keyalgorithm=dns.tsig.HMAC_SHA256)
        update.replace(name, PUBLIC_TTL, "A", target.address)
        answer = await dns.asyncquery.udp(update, lab.dns_address, port=lab.dns_port, timeout=1)
        assert answer.rcode() == dns.rcode.NOERROR, answer

    return recover


async def evac(lab: Lab, home: Path, stack: AsyncExitStack) -> Recover:
    """A failover by a person's word, through the embedded server and a worker."""
    settings = Settings(home=home / "evac")
    client = await muster(lab, settings)
    del stack
    read = load(lab.runbook)

    async def recover() -> None:
        source = lab.active.name
        trigger = Trigger(id=uuid.uuid4().hex, kind="person", by="bench", at=time.time(), source=source)
        request = RunInput(runbook=read.runbook, text=read.text, source=source, force=True, trigger=trigger)
        started = await start_run(client, settings, request)
        state: RunState = await started.handle.result()
        assert state.outcome == "recovered", state.message

    return recover


async def once(prepare: Prepare) -> float:
    """Seconds from the death of the region to the first good write and answer."""
    with tempfile.TemporaryDirectory(prefix="evac-bench-") as folder:
        home = Path(folder)
        async with AsyncExitStack() as stack:
            lab = await stack.enter_async_context(running(LabSpec(home=home / "lab", name="bench")))
            recover = await prepare(lab, home, stack)
            clients = await stack.enter_async_context(Load(load_config(lab)))
            await clients.until_good(time.time())
            await asyncio.sleep(CALM)
            await kill(lab, lab.active.name)
            began = time.time()
            async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
                group.create_task(recover())
                group.create_task(clients.until_good(began))
            seen = clients.report(began)
            with contextlib.suppress(psycopg.Error):
                await stack.aclose()
        back = [gap.ended_at for gap in (seen.writes, seen.inference) if gap is not None and gap.ended_at is not None]
        return max(back) - began


async def measure() -> tuple[list[float], list[float]]:
    """Seconds of each round: floor, Evac."""
    pairs = [(await once(floor), await once(evac)) for _ in range(ROUNDS)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def main() -> None:
    """Print the medians and their ratio."""
    known, ours = asyncio.run(measure())
    ratio = statistics.median(ours) / statistics.median(known)
    print(  # noqa: T201  (it is what a benchmark is for)
        f"recovery, median of {ROUNDS}: floor {statistics.median(known):.2f} s ({min(known):.2f}-{max(known):.2f}), "
        f"Evac {statistics.median(ours):.2f} s ({min(ours):.2f}-{max(ours):.2f}), ratio {ratio:.2f} "
        f"(goal: at most {GOAL:g})"
    )


if __name__ == "__main__":
    main()
