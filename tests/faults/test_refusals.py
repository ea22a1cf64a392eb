"""What stops a failover before it begins, on real parts: a sentence with numbers, and the name that accepts it."""

import asyncio
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from lab.manager import running
from lab.processes import Processes
from lab.regions import kill
from lab.topology import ADMIN, APP, DATABASE, OUTSIDE, Lab, LabSpec
from runbooks.load import load
from runbooks.plan import Plan
from runbooks.run_calls import PlanAnswer
from runbooks.runs import RunInput, Trigger
from worker.observe import plan_now

SOURCE, TARGET = "us-east-1", "eu-west-1"
pytestmark = [pytest.mark.lab, pytest.mark.timeout(120)]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """Databases, power and name server; without the inference service."""
    parts = frozenset({"postgres", "power", "dns"})
    async with running(LabSpec(home=tmp_path / "lab", mode="asynchronous", parts=parts)) as found:
        yield found


async def answer(lab: Lab, **changes: object) -> PlanAnswer:
    """What the planner says of a failover out of the source now."""
    trigger = Trigger(id=uuid.uuid4().hex, kind="person", by="ann", at=time.time())
    asked = {"runbook": load(lab.runbook).runbook, "source": SOURCE, "trigger": trigger, **changes}
    return await plan_now(RunInput.model_validate(asked))


async def plan(lab: Lab) -> Plan:
    """The plan; it may refuse itself."""
    found = (await answer(lab)).plan
    assert found is not None
    return found


def reasons(plan: Plan, name: str | None) -> list[str]:
    """The refusals of that name."""
    return [refusal.sentence for refusal in plan.refusals if refusal.name == name]


async def execute(lab: Lab, region: str, *statements: str, role: str = ADMIN) -> None:
    """Run the statements."""
    async with await psycopg.AsyncConnection.connect(lab.dsn(region, role), autocommit=True) as connection:
        for statement in statements:
            await connection.execute(statement.encode())


async def write(lab: Lab, number: int) -> None:
    """A row at the source."""
    await execute(lab, SOURCE, f"INSERT INTO rows (client, n, region) VALUES ('t', {number}, '{SOURCE}')", role=APP)


async def test_an_unknown_region_and_the_same_one_twice(lab: Lab) -> None:
    """The question itself makes no sense: the sentence names the regions that there are."""
    assert (await answer(lab, source="mars")).error == "lab-llm has no region 'mars'; it has us-east-1, eu-west-1"
    same = await answer(lab, target=SOURCE)
    assert (
        same.error == "source and target are both us-east-1; the target must be another region of us-east-1, eu-west-1"
    )


async def test_a_standby_that_does_not_replicate(lab: Lab) -> None:
    """Its primary, alive, knows no standby: what would be lost must be accepted by name."""
    await execute(lab, TARGET, "ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'", "SELECT pg_reload_conf()")
    while not (found := reasons(await plan(lab), "loss:vector-db")):
        await asyncio.sleep(0.1)
    assert "vector-db in eu-west-1 was not replicating when its primary was last seen" in found


async def test_a_lag_over_the_objective(lab: Lab) -> None:
    """The standby stopped replaying long before the source died: refused with both numbers."""
    await write(lab, 1)
    await execute(lab, TARGET, "SELECT pg_wal_replay_pause()")
    await write(lab, 2)
    await kill(lab, SOURCE)
    while not (found := reasons(await plan(lab), "loss:vector-db")):
        await asyncio.sleep(0.5)
    assert found[0].startswith("vector-db in eu-west-1 is up to ")
    assert found[0].endswith(" s behind; the objective is 5 s")


async def test_name_servers_that_are_down(lab: Lab) -> None:
    """Nothing can be moved then, so nothing is begun: this cannot be accepted."""
    Processes(lab).kill(OUTSIDE, "dns")
    found = reasons(await plan(lab), None)
    assert found == ["where public-name leads cannot be read from its name servers, so it cannot be cut over"]


async def test_a_target_whose_database_is_down(lab: Lab) -> None:
    """There is nothing to promote: this cannot be accepted."""
    process = Processes(lab).find(TARGET, DATABASE)
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    found = reasons(await plan(lab), None)
    assert len(found) == 1
    assert found[0].startswith("vector-db in eu-west-1 cannot be read: ")
    assert "refuses connections" in found[0]


async def test_a_target_whose_agent_is_down(lab: Lab) -> None:
    """Capacity that cannot be seen can be accepted: some service may be better than none."""
    found = reasons(await plan(lab), "capacity:llm")
    assert len(found) == 1
    assert found[0].startswith("llm in eu-west-1 must have 2 replicas, and its group cannot be seen: ")
