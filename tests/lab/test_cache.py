"""The caches of a lab: killed and healed, never with two writers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from activities.errors import StepError
from lab.manager import running
from lab.regions import heal, kill
from lab.topology import Lab, LabSpec
from tests.activities.calls import ACTIVE, STANDBY, valkey_ask
from tests.lab.machine import nothing_left, processes_of


@pytest_asyncio.fixture
async def caches(tmp_path: Path) -> AsyncIterator[Lab]:
    """A primary and its replica; nothing of them is left."""
    home = tmp_path / "lab"
    async with nothing_left(home), running(LabSpec(home=home, parts=frozenset({"cache"}))) as lab:
        yield lab


async def promote_by_hand(lab: Lab, region: str) -> None:
    """As a person would."""
    await valkey_ask(lab, region, "REPLICAOF", "NO", "ONE")
    await valkey_ask(lab, region, "CONFIG", "REWRITE")


async def test_a_killed_cache_comes_back_as_it_was(caches: Lab) -> None:
    """With its data, and as primary, when nobody took its place; healing it twice changes nothing."""
    await valkey_ask(caches, ACTIVE, "SET", "key", "value")
    await valkey_ask(caches, ACTIVE, "WAITAOF", 1, 0, 1000)
    await kill(caches, ACTIVE)
    assert processes_of(caches.cache_folder(ACTIVE)) == []
    assert await heal(caches, ACTIVE) == (f"cache.{ACTIVE} is up again as primary.",)
    assert await valkey_ask(caches, ACTIVE, "GET", "key") == b"value"
    assert await heal(caches, ACTIVE) == (f"cache.{ACTIVE} is up already.",)


async def test_a_former_primary_comes_back_isolated(caches: Lab) -> None:
    """Also while its successor is dead: it answers, and refuses every write; the successor comes back as primary."""
    await kill(caches, ACTIVE)
    await promote_by_hand(caches, STANDBY)
    assert await heal(caches, ACTIVE) == (f"cache.{ACTIVE} is up again as a former primary that refuses every write.",)
    with pytest.raises(StepError, match="NOREPLICAS"):
        await valkey_ask(caches, ACTIVE, "SET", "key", "value")
    await kill(caches, STANDBY)
    assert await heal(caches, STANDBY) == (f"cache.{STANDBY} is up again as primary.",)
    assert await valkey_ask(caches, STANDBY, "SET", "key", "value") == b"OK"


async def test_a_replica_follows_after_a_restart(caches: Lab) -> None:
    """It takes what it has missed."""
    await kill(caches, STANDBY)
    await valkey_ask(caches, ACTIVE, "SET", "key", "value")
    assert await heal(caches, STANDBY) == (f"cache.{STANDBY} is up again as replica.",)
    assert await valkey_ask(caches, ACTIVE, "WAIT", 1, 5000) == 1
