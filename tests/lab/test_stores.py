"""How the stores of a lab stand, and what each of them lost."""

from pathlib import Path

from activities.clients.valkey_state import FENCED_AT
from lab.journal import Attempt
from lab.manager import running
from lab.regions import kill
from lab.stores import losses, standing, stores
from lab.switches import Switches
from lab.topology import CACHE, Lab, LabSpec
from tests.activities.calls import ACTIVE, STANDBY, valkey_ask
from tests.lab.started import until


async def stands(lab: Lab) -> tuple[str, ...]:
    """The cache of each region."""
    return tuple([await standing(lab, region, CACHE) for region in lab.regions])


async def test_what_one_store_lost_is_told(tmp_path: Path) -> None:
    """A mark that was not copied in time is missing where the cache is primary now; only acknowledged ones count."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"cache"}))) as lab:
        assert stores(lab) == (CACHE,)
        await valkey_ask(lab, ACTIVE, "SADD", "rows:test", 1, 2)

        async def copied() -> bool:
            return bool(await valkey_ask(lab, STANDBY, "SCARD", "rows:test") == 2)

        await until(copied)
        await valkey_ask(lab, STANDBY, "REPLICAOF", "NO", "ONE")
        await valkey_ask(lab, ACTIVE, "SADD", "rows:test", 3)
        await kill(lab, ACTIVE)
        told = [Attempt(kind="write", client="test", started=n, at=n, good=n < 4, n=n) for n in (1, 2, 3, 4)]
        (found,) = await losses(lab, told, "test", outage_at=3.5)
        assert (found.store, found.acknowledged, found.missing) == (f"cache.{STANDBY}", 3, 1)
        assert (found.numbers, found.seconds) == ((3,), 0.5)


async def test_a_store_stands_as_it_answers(tmp_path: Path) -> None:
    """Primary and standby; fenced, it is no primary; dead, it is down; and off when its power was taken."""
    async with running(LabSpec(home=tmp_path / "lab", parts=frozenset({"cache"}))) as lab:
        assert await stands(lab) == ("primary", "standby")
        await valkey_ask(lab, ACTIVE, "CONFIG", "SET", "min-replicas-to-write", FENCED_AT)
        assert await stands(lab) == ("fenced", "standby")
        await kill(lab, ACTIVE)
        assert await stands(lab) == ("down", "standby")
        Switches(lab.home).set(lab.region(ACTIVE).cache, "off", 1)
        assert await stands(lab) == ("off", "standby")
