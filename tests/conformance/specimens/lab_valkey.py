"""Valkey with replication: a pair of the lab."""

from typing import Any, ClassVar

from tests.activities.calls import ACTIVE, STANDBY, valkey
from tests.conformance.on_lab import OnLab
from tests.conformance.specimen import Settings
from tests.conformance.stores.caches import Caches

_NO_EXPIRY = "Valkey's users and passwords do not expire"
_SILENCE = "a silent server is an answer of its own, since its region may be dead: tests/activities/fence"
_NAMELESS = "settings name nothing but an address: where nobody listens, it is unreachable"


class _Valkey(OnLab):
    region: ClassVar[str] = STANDBY
    """Where the step happens."""
    upstream: ClassVar[str | None] = None
    cannot: ClassVar[dict[str, str]] = {
        "expired": _NO_EXPIRY,
        "not_found": _NAMELESS,
        "what_is_not_there_is_unknown": _NAMELESS,
    }
    stored_in = "caches"

    @property
    def caches(self) -> Caches:
        """Both servers."""
        assert isinstance(self.store, Caches)
        return self.store

    async def stand(self) -> Settings:
        """A primary and its replica."""
        self.straighten()
        self.ways = tuple(self.caches.ways.values())
        await self.caches.home()
        return self.settings(self.region, self.upstream)

    def settings(self, region: str, upstream: str | None = None) -> Settings:
        """Of a region's server, and of its upstream."""
        more = {"upstream": self.settings(upstream)} if upstream is not None else {}
        return self.by_ways(valkey(self.caches.lab, region), self.caches.ways[region], **more)

    async def effect(self) -> Any:
        """The region's server."""
        return await self.caches.look(self.region)


class DetectValkey(_Valkey):
    """A look at the replica."""

    uses = "detect.valkey"

    async def spoil(self, settings: Settings) -> Settings:
        """It hangs up on everybody."""
        self.bend("refuse")
        return settings


class VerifyValkey(_Valkey):
    """The primary takes a key."""

    uses = "verify.valkey"
    region = ACTIVE

    async def spoil(self, settings: Settings) -> Settings:
        """It is a replica."""
        del settings
        return self.settings(STANDBY)


class FenceValkey(_Valkey):
    """The primary, by command."""

    uses = "fence.valkey"
    region = ACTIVE
    cannot: ClassVar[dict[str, str]] = {
        **_Valkey.cannot,
        "hangs": _SILENCE,
        "wrong_state": "a primary can be fenced in any state, and a replica need not be",
    }

    async def effect(self) -> Any:
        """Without the decision that it keeps, which outlives an undo."""
        seen = await super().effect()
        return {key: value for key, value in seen.items() if key != "kept"}


class PromoteValkey(_Valkey):
    """The replica."""

    uses = "promote.valkey"

    async def effect(self) -> Any:
        """Whatever happens it is promoted at most once."""
        seen = await super().effect()
        assert seen["kept"].get(b"timeline") in (None, b"2")
        return seen

    async def spoil(self, settings: Settings) -> Settings:
        """In a planned procedure; its primary still takes writes."""
        del settings
        return self.settings(STANDBY, ACTIVE)


class _Following(_Valkey):
    upstream = ACTIVE

    async def spoil(self, settings: Settings) -> Settings:
        """It follows nobody."""
        await self.caches.ask(STANDBY, "REPLICAOF", "NO", "ONE")
        return settings


class CatchUpValkey(_Following):
    """The replica has everything."""

    uses = "catch_up.valkey"
    within = 2.0


class CompareValkey(_Following):
    """The replica and its primary."""

    uses = "compare.valkey"


class ReseedValkey(_Valkey):
    """The former primary becomes a replica of its successor."""

    uses = "reseed.valkey"
    region = ACTIVE
    upstream = STANDBY
    lost = "REPLICAOF"

    async def stand(self) -> Settings:
        """After a failover; its successor has got another key."""
        settings = await super().stand()
        await self.caches.away()
        await self.caches.ask(STANDBY, "SET", "four", "4")
        return settings

    async def spoil(self, settings: Settings) -> Settings:
        """It takes writes again, since its fence was lifted."""
        await self.caches.ask(ACTIVE, "CONFIG", "SET", "min-replicas-to-write", 0)
        return settings
