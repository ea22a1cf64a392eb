"""A pair with its database agents, and what its tests have done to it."""

from typing import Any

import psycopg

from lab.freezing import freeze
from lab.processes import Processes
from lab.topology import DATABASE, Lab, Part
from tests.activities.calls import postgres, powered, secret
from tests.lab.machine import PAIR, ask
from tests.lab.started import until

MACHINES: frozenset[Part] = PAIR | {"agents"}


def machine(lab: Lab, region: str, upstream: str | None = None, **more: Any) -> dict[str, Any]:
    """The settings of a region's database with power and agent, and of the one that it follows."""
    agent = {"agent": lab.region(region).database_agent, "agent_token": secret(lab, "database.token")}
    pair = {"upstream": postgres(lab, upstream)} if upstream else {}
    return powered(lab, region, **agent, **pair, **more)


async def rows(lab: Lab, region: str) -> list[int]:
    """What the table `written` holds there."""
    return [int(str(n)) for (n,) in await ask(lab, region, "SELECT n FROM written ORDER BY n")]


async def replicated(lab: Lab, source: str, target: str) -> None:
    """Wait until the target has replayed what the source has written so far."""
    ((position,),) = await ask(lab, source, "SELECT pg_current_wal_lsn()")

    async def replayed() -> bool:
        return await ask(lab, target, f"SELECT pg_last_wal_replay_lsn() >= '{position}'") == [(True,)]

    await until(replayed)


def mute(lab: Lab, region: str, to: str) -> None:
    """From here on the region's primary commits, and that standby gets nothing of it."""
    server = Processes(lab).find(region, DATABASE)
    assert server is not None
    ((pid,),) = _pids(lab, region, to)
    freeze([next(child for child in server.children() if child.pid == pid)])


def _pids(lab: Lab, region: str, to: str) -> list[tuple[int]]:
    query = "SELECT pid FROM pg_stat_replication WHERE application_name = %s"
    with psycopg.connect(lab.dsn(region)) as connection:
        return connection.execute(query, [lab.region(to).database]).fetchall()
