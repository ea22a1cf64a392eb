import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from lab.manager import running
from lab.regions import heal, kill
from lab.topology import APP, Lab, LabSpec
from runbooks.steps import ErrorType, StepResult
from tests.activities.calls import ACTIVE, STANDBY, perform, postgres, refused
from tests.activities.conftest import caught_up
from tests.activities.machines import MACHINES, machine, replicated
from tests.lab.machine import ask
from tests.lab.started import until

BEFORE = """
CREATE TABLE "odd ""name" (n int, "evac_row" text, word text, twice int GENERATED ALWAYS AS (n * 2) STORED,
                           PRIMARY KEY (n, "evac_row"));
CREATE TABLE bag (word text);
INSERT INTO "odd ""name" SELECT n, 'x', 'before' FROM generate_series(1, 2000) AS n;
INSERT INTO bag VALUES ('one'), ('one'), ('two')
"""
LOST = """
BEGIN; INSERT INTO "odd ""name" VALUES (3001, 'x', 'lost'); SAVEPOINT s; INSERT INTO "odd ""name"
       VALUES (3002, 'x', 'lost'); RELEASE s; COMMIT;
BEGIN; INSERT INTO "odd ""name" VALUES (3003, 'x', 'never committed'); ROLLBACK;
UPDATE "odd ""name" SET word = 'changed' WHERE n = 1;
INSERT INTO bag VALUES ('one'), ('three')
"""
SINCE = """
DELETE FROM "odd ""name" WHERE n = 2; UPDATE "odd ""name" SET word = 'since' WHERE n = 3;
INSERT INTO "odd ""name" VALUES (4001, 'x', 'since');
DELETE FROM bag WHERE word = 'two'
"""


async def run(lab: Lab, region: str, statements: str) -> None:
    """Each statement in a transaction of its own, unless it says otherwise."""
    for statement in statements.split(";\n"):
        await ask(lab, region, statement)


async def failover(lab: Lab, lost: str) -> None:
    """The standby's region is away while something is committed; then it takes over from the killed primary."""
    await until(lambda: caught_up(lab))
    await run(lab, ACTIVE, BEFORE)
    await replicated(lab, ACTIVE, STANDBY)
    await kill(lab, STANDBY)
    await run(lab, ACTIVE, lost)
    await kill(lab, ACTIVE)
    await heal(lab, STANDBY)
    await perform("fence.postgres", machine(lab, ACTIVE))
    await perform("promote.postgres", machine(lab, STANDBY), within=20)
    await run(lab, STANDBY, SINCE)
    await heal(lab, ACTIVE)


@pytest_asyncio.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Lab]:
    """Two databases with their agents."""
    async with running(LabSpec(home=tmp_path / "lab", parts=MACHINES, mode="asynchronous")) as lab:
        yield lab


async def salvage(lab: Lab, home: Path, **more: Any) -> StepResult:
    """Look for what only the former primary has."""
    settings = machine(lab, ACTIVE, STANDBY)
    return await perform("salvage.postgres", settings, home=home, within=60, **more)


async def test_exactly_the_lost_rows_are_found(pair: Lab, tmp_path: Path) -> None:
    """Not what was rolled back, nor what its successor deleted or changed since; the second time nothing changes."""
    await failover(pair, LOST)
    result = await salvage(pair, tmp_path)
    assert (result.changed, result.proved) == (True, False)
    assert (result.after["commits"], result.after["tables"]) == (3, {'public.odd "name': 3, "public.bag": 2})
    path = tmp_path / "orphans" / "run-1" / "it.jsonl"
    assert str(path) in result.reason
    assert result.after["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    found = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted((row["row"].get("n"), row["row"]["word"], (row["there"] or {}).get("word")) for row in found[2:]) == [
        (1, "changed", "before"),
        (3001, "lost", None),
        (3002, "lost", None),
    ]
    assert sorted(row["row"]["word"] for row in found[:2]) == ["one", "three"]
    again = await salvage(pair, tmp_path)
    assert (again.changed, again.proved, again.reason) == (False, False, result.reason)
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        await psycopg.AsyncConnection.connect(pair.dsn(ACTIVE, APP))


async def test_the_file_brings_the_rows_back(pair: Lab, tmp_path: Path) -> None:
    """Its SQL can be run after the reseed; what stands under a key stays."""
    await failover(pair, LOST)
    await salvage(pair, tmp_path)
    await perform("reseed.postgres", machine(pair, ACTIVE, STANDBY), within=60)
    assert (await salvage(pair, tmp_path)).changed is False
    await ask(pair, STANDBY, (tmp_path / "orphans" / "run-1" / "it.sql").read_text())
    rows = 'SELECT n, word, twice FROM "odd ""name" WHERE n IN (1, 3001, 3002) ORDER BY n'
    expected = [(1, "before", 2), (3001, "lost", 6002), (3002, "lost", 6004)]
    assert await ask(pair, STANDBY, rows) == expected
    assert await ask(pair, STANDBY, "SELECT word FROM bag ORDER BY 1") == [("one",), ("one",), ("one",), ("three",)]


async def test_nothing_was_lost(pair: Lab, tmp_path: Path) -> None:
    """Its log says that it committed nothing after the fork: it is not even started, and needs no file."""
    await failover(pair, "SELECT 1")
    result = await salvage(pair, tmp_path)
    assert (result.changed, result.proved) == (False, True)
    assert "It committed nothing behind" in result.reason
    assert not (tmp_path / "orphans").exists()
    await perform("reseed.postgres", machine(pair, ACTIVE, STANDBY), within=60)
    again = await salvage(pair, tmp_path)
    assert (again.changed, again.reason) == (False, "It is a standby, and has nothing of its own.")


async def test_without_a_successor_there_is_nothing_to_compare_with(calm_pair: Lab, tmp_path: Path) -> None:
    """The upstream must have taken over."""
    settings = postgres(calm_pair, ACTIVE, upstream=postgres(calm_pair, STANDBY))
    assert "nobody took over" in await refused("salvage.postgres", settings, ErrorType.WRONG_STATE, home=tmp_path)
