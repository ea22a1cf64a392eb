"""PostgreSQL 18 with streaming replication: a pair of the lab."""

from typing import Any, ClassVar

from tests.activities.calls import ACTIVE, STANDBY, perform
from tests.activities.machines import machine
from tests.conformance.on_lab import OnLab
from tests.conformance.specimen import Settings
from tests.conformance.stores.databases import Databases, Name
from tests.lab.machine import ask

_NO_EXPIRY = "PostgreSQL tells no client that its password has expired: it is a wrong one"
_SILENCE = "a silent server is an answer of its own, since its region may be dead: tests/activities/fence"


class OnPair(OnLab):
    """Both servers and their agents, reached by the ways."""

    start: ClassVar[Name] = "home"
    region: ClassVar[str] = STANDBY
    """Where the step happens."""
    upstream: ClassVar[str | None] = None
    cannot: ClassVar[dict[str, str]] = {"expired": _NO_EXPIRY}
    stored_in = "databases"

    async def stand(self) -> Settings:
        """Both servers as a plan would find them."""
        self.straighten()
        await self.databases.at(self.start)
        self.ways = (*self.databases.ways.values(), *self.databases.agents.values())
        return self.settings(self.region, self.upstream)

    def settings(self, region: str, upstream: str | None = None, **more: Any) -> Settings:
        """Of a region's server, and of its upstream."""
        agent = f"http://127.0.0.1:{self.databases.agents[region].port}"
        found = {**machine(self.databases.lab, region), "power": None, "power_token": None}
        if upstream is not None:
            more["upstream"] = self.settings(upstream)
        return self.by_ways(found, self.databases.ways[region], agent=agent, **more)

    @property
    def databases(self) -> Databases:
        """The pair."""
        assert isinstance(self.store, Databases)
        return self.store

    async def effect(self) -> Any:
        """What the region's server is."""
        return await self.databases.look(self.region)

    async def absent(self, settings: Settings) -> Settings:
        """Another database, of the upstream if there is one: it is asked first."""
        if "upstream" in settings:
            return {**settings, "upstream": {**settings["upstream"], "dbname": "nowhere"}}
        return {**settings, "dbname": "nowhere"}


class DetectPostgres(OnPair):
    """A look at the standby."""

    uses = "detect.postgres"

    async def spoil(self, settings: Settings) -> Settings:
        """It hangs up on everybody."""
        self.bend("refuse")
        return settings


class VerifyPostgres(DetectPostgres):
    """The same, insisting."""

    uses = "verify.postgres"


class VerifySql(OnPair):
    """The primary takes a row."""

    uses = "verify.sql"
    region = ACTIVE

    async def stand(self) -> Settings:
        """The step's row is there already: each step writes one, once."""
        settings = await super().stand()
        await perform(self.uses, settings, within=self.within)
        return settings

    async def effect(self) -> Any:
        """All rows that verifications have written, too."""
        rows = await ask(self.databases.lab, self.region, "SELECT * FROM evac.probe")
        return await super().effect(), rows

    async def spoil(self, settings: Settings) -> Settings:
        """It is a standby."""
        del settings
        return self.settings(STANDBY)


class FencePostgres(OnPair):
    """The primary, by SQL."""

    uses = "fence.postgres"
    region = ACTIVE
    lost = "COPY"
    cannot: ClassVar[dict[str, str]] = {
        "expired": _NO_EXPIRY,
        "hangs": _SILENCE,
        "wrong_state": "a primary can be fenced in any state, and a standby need not be",
    }

    async def effect(self) -> Any:
        """Without the decision that it keeps, which outlives an undo."""
        seen = await super().effect()
        return {key: value for key, value in seen.items() if key != "epochs"}


class PromotePostgres(OnPair):
    """The standby."""

    uses = "promote.postgres"
    lost = "pg_promote"

    async def effect(self) -> Any:
        """Whatever happens it is promoted at most once."""
        seen = await super().effect()
        assert seen["timeline"] in (1, 2)
        return seen

    async def spoil(self, settings: Settings) -> Settings:
        """In a planned procedure; its primary still takes writes."""
        del settings
        return self.settings(STANDBY, ACTIVE)


class _Following(OnPair):
    upstream = ACTIVE


class CatchUpPostgres(_Following):
    """The standby has everything of its primary."""

    uses = "catch_up.postgres"

    async def stand(self) -> Settings:
        """Everything from before this moment."""
        return {**await super().stand(), "exact": True}

    async def spoil(self, settings: Settings) -> Settings:
        """It is a primary itself."""
        del settings
        return {**self.settings(ACTIVE, ACTIVE), "exact": True}


class ComparePostgres(_Following):
    """The standby and its primary."""

    uses = "compare.postgres"

    async def spoil(self, settings: Settings) -> Settings:
        """It is a primary itself."""
        del settings
        return self.settings(ACTIVE, ACTIVE)
