"""Valkey in two regions, which each test finds as it wants them: nothing of what was before is left."""

from typing import Any, Literal

from lab.topology import Lab
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, valkey, valkey_ask
from tests.conformance.bent import Way, Ways
from tests.conformance.wires import Valkey
from tests.lab.started import until

OLDER = EPOCH - 2
"""The decision of the failover that was before."""
_LIMITS = ("min-replicas-to-write", 0, "min-replicas-max-lag", 10)


class Caches:
    """The servers follow one another by the ways: a replica knows its primary by the address that settings name."""

    def __init__(self, lab: Lab, ways: Ways) -> None:
        self.lab = lab
        self.ways: dict[str, Way] = {
            region.name: ways.to(region.address, region.cache_port, Valkey) for region in lab.regions
        }

    async def home(self) -> None:
        """Written in ACTIVE, replicated in STANDBY; three keys, and no decisions."""
        if await self._role(ACTIVE) != "master":
            await self.ask(ACTIVE, "REPLICAOF", "NO", "ONE")
        for region in (ACTIVE, STANDBY):
            await self.ask(region, "CONFIG", "SET", *_LIMITS)
        await self.ask(ACTIVE, "FLUSHALL")
        await self.ask(ACTIVE, "MSET", "one", "1", "two", "2", "three", "3")
        await self.follow(STANDBY, ACTIVE)

    async def away(self) -> None:
        """After a failover: written in STANDBY, fenced in ACTIVE."""
        await self.home()
        await perform("fence.valkey", valkey(self.lab, ACTIVE, connect_timeout=5.0), epoch=OLDER, within=20)
        await perform("promote.valkey", valkey(self.lab, STANDBY, connect_timeout=5.0), epoch=OLDER, within=20)

    async def follow(self, region: str, upstream: str) -> None:
        """Have it follow, and wait until it has everything."""
        await self.ask(region, "REPLICAOF", "127.0.0.1", self.ways[upstream].port)

        async def same() -> bool:
            here, there = [await self._replication(one) for one in (region, upstream)]
            same = here["master_repl_offset"] == there["master_repl_offset"]
            return same and here["master_replid"] == there["master_replid"] and here["master_link_status"] == "up"

        await until(same)

    async def ask(self, region: str, *command: str | int) -> Any:
        """Past the ways."""
        return await valkey_ask(self.lab, region, *command)

    async def look(self, region: str) -> dict[str, Any]:
        """Its role, its limits, and what it holds but for what verifications have written."""
        said = await self._replication(region)
        limits = await self.ask(region, "CONFIG", "GET", "min-replicas-*")
        names = sorted(name for name in await self.ask(region, "KEYS", "*") if not name.startswith(b"evac:"))
        kept = await self.ask(region, "HGETALL", "evac:epoch:book")
        return {
            "role": said["role"],
            "follows": said.get("master_port"),
            "limits": dict(zip(limits[::2], limits[1::2], strict=True)),
            "keys": names,
            "values": await self.ask(region, "MGET", *names) if names else [],
            "kept": dict(zip(kept[::2], kept[1::2], strict=True)),
        }

    async def _role(self, region: str) -> Literal["master", "slave"]:
        return (await self._replication(region))["role"]  # type: ignore[return-value] - Valkey's two words

    async def _replication(self, region: str) -> dict[str, str]:
        text = bytes(await self.ask(region, "INFO", "replication")).decode()
        return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
