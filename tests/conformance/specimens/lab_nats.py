"""NATS with JetStream: two linked servers of the lab, and a stream for each test."""

from typing import Any, ClassVar

from activities.clients.nats_stream import EPOCH
from tests.activities.calls import ACTIVE, STANDBY, perform
from tests.conformance.on_lab import OnLab
from tests.conformance.specimen import Settings
from tests.conformance.stores.queues import OLDER, Queues

_NO_EXPIRY = "users with passwords do not expire"
_SILENCE = "a silent server is an answer of its own, since its region may be dead: tests/activities/fence"
_MESSAGES = ("one", "two", "three")


class _Nats(OnLab):
    region: ClassVar[str] = STANDBY
    """Where the step happens."""
    upstream: ClassVar[str | None] = None
    cannot: ClassVar[dict[str, str]] = {"expired": _NO_EXPIRY}
    stored_in = "queues"

    @property
    def queues(self) -> Queues:
        """Both servers."""
        assert isinstance(self.store, Queues)
        return self.store

    async def stand(self) -> Settings:
        """A stream and its mirror."""
        self.straighten()
        self.ways = tuple(self.queues.ways.values())
        await self.queues.home(self.name, *_MESSAGES)
        return self.settings(self.region, self.upstream)

    def settings(self, region: str, upstream: str | None = None, **more: Any) -> Settings:
        """Of a region's stream, and of its upstream."""
        if upstream is not None:
            more["upstream"] = self.settings(upstream)
        return self.by_ways(self.queues.settings(region, self.name), self.queues.ways[region], **more)

    async def effect(self) -> Any:
        """The region's stream: what it takes, follows and has, and which decisions it knows."""
        state = await self.queues.look(self.region, self.name)
        follows = state.mirror.api if state.mirror else None
        return state.role, state.config.get("subjects"), follows, state.last, state.metadata

    async def absent(self, settings: Settings) -> Settings:
        """Another stream."""
        return {**settings, "stream": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """The server is that of another region."""
        return {**settings, "domain": ACTIVE if settings["domain"] == STANDBY else STANDBY}


class DetectNats(_Nats):
    """A look at the mirror."""

    uses = "detect.nats"


class VerifyNats(_Nats):
    """The primary takes a message."""

    uses = "verify.nats"
    region = ACTIVE

    async def stand(self) -> Settings:
        """The step's message is there already: each step publishes one, once."""
        settings = await super().stand()
        await perform(self.uses, settings, within=self.within)
        return settings

    async def spoil(self, settings: Settings) -> Settings:
        """It is a mirror."""
        del settings
        return self.settings(STANDBY)


class FenceNats(_Nats):
    """The primary, by JetStream."""

    uses = "fence.nats"
    region = ACTIVE
    cannot: ClassVar[dict[str, str]] = {"expired": _NO_EXPIRY, "hangs": _SILENCE}

    async def effect(self) -> Any:
        """Without the decision that it keeps, which outlives an undo."""
        *seen, metadata = await super().effect()
        return *seen, {key: value for key, value in metadata.items() if key != EPOCH}


class PromoteNats(_Nats):
    """The mirror."""

    uses = "promote.nats"
    once = True

    async def effect(self) -> Any:
        """Whatever happens it is promoted at most once."""
        assert len((await self.queues.look(self.region, self.name)).promotions) <= 1
        return await super().effect()

    async def spoil(self, settings: Settings) -> Settings:
        """In a planned procedure; its primary still takes messages."""
        del settings
        return self.settings(STANDBY, ACTIVE)


class _Following(_Nats):
    upstream = ACTIVE


class CatchUpNats(_Following):
    """The mirror has everything of its fenced primary."""

    uses = "catch_up.nats"

    async def stand(self) -> Settings:
        """Everything."""
        settings = await super().stand()
        await perform("fence.nats", self.queues.settings(ACTIVE, self.name), epoch=OLDER, within=self.within)
        return {**settings, "exact": True}

    async def spoil(self, settings: Settings) -> Settings:
        """It mirrors nobody."""
        await self.queues.remove(STANDBY, self.name)
        await self.queues.make(STANDBY, self.name, subjects=[f"{self.name}-other.>"])
        return settings


class CompareNats(_Following):
    """The mirror and its primary."""

    uses = "compare.nats"

    async def spoil(self, settings: Settings) -> Settings:
        """It mirrors nobody, and holds something else."""
        await self.queues.remove(STANDBY, self.name)
        await self.queues.make(STANDBY, self.name, subjects=[f"{self.name}-other.>"])
        await self.queues.publish(STANDBY, f"{self.name}-other", "other", *_MESSAGES)
        return settings


class _Former(_Nats):
    """The former primary, fenced, and its successor."""

    region = ACTIVE
    upstream = STANDBY

    async def stand(self) -> Settings:
        """After a failover."""
        self.straighten()
        self.ways = tuple(self.queues.ways.values())
        await self.queues.away(self.name, *_MESSAGES)
        return self.settings(self.region, self.upstream)

    async def absent(self, settings: Settings) -> Settings:
        """There is no such upstream."""
        return {**settings, "upstream": {**settings["upstream"], "stream": "none"}}

    async def spoil(self, settings: Settings) -> Settings:
        """It takes messages again, since its fence was undone."""
        own = self.queues.settings(ACTIVE, self.name)
        await perform("fence.nats.undo", own, epoch=OLDER, within=self.within)
        return settings


class SalvageNats(_Former):
    """It has nothing that its successor has not."""

    uses = "salvage.nats"

    async def effect(self) -> Any:
        """And the file of what was found."""
        found = [path.read_text() for path in sorted((self.home / "orphans").rglob("*")) if path.is_file()]
        return await super().effect(), found


class ReseedNats(_Former):
    """It becomes a mirror of its successor."""

    uses = "reseed.nats"
    lost = "STREAM.DELETE"

    async def stand(self) -> Settings:
        """Which has got another message."""
        settings = await super().stand()
        await self.queues.publish(STANDBY, self.name, "four")
        return settings
