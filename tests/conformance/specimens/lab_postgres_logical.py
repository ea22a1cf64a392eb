"""PostgreSQL 18 that is copied by SQL: a database on two servers of the lab."""

from typing import Any, ClassVar

from tests.activities.calls import perform
from tests.conformance.on_lab import OnLab
from tests.conformance.specimen import Settings
from tests.conformance.stores.logical import OLDER, Logical, Name
from tests.postgres_logical.world import AWAY, HOME, Twins

_NO_EXPIRY = "PostgreSQL tells no client that its password has expired: it is a wrong one"
_SILENCE = "a silent server is an answer of its own, since its region may be dead: tests/activities/fence"


class OnTwins(OnLab):
    """Both servers, reached by the ways; they reach each other past them."""

    start: ClassVar[Name] = "home"
    region: ClassVar[str] = AWAY
    """Where the step happens."""
    upstream: ClassVar[str | None] = None
    cannot: ClassVar[dict[str, str]] = {"expired": _NO_EXPIRY}
    stored_in = "logical"
    twins: Twins

    async def stand(self) -> Settings:
        """Both as a plan would find them."""
        self.straighten()
        self.twins = await self.logical.at(self.start)
        self.ways = tuple(self.logical.ways.values())
        return self.settings(self.region, self.upstream)

    def settings(self, region: str, upstream: str | None = None, **more: Any) -> Settings:
        """Of a region's database, and of its upstream."""
        if upstream is not None:
            more["upstream"] = self.settings(upstream)
        return self.by_ways(self.twins.settings(region), self.logical.ways[region], **more)

    @property
    def logical(self) -> Logical:
        """The servers."""
        assert isinstance(self.store, Logical)
        return self.store

    async def effect(self) -> Any:
        """What both are."""
        return await self.logical.look(self.twins)

    async def absent(self, settings: Settings) -> Settings:
        """Another database, of the upstream if there is one: it is asked first."""
        if "upstream" in settings:
            return {**settings, "upstream": {**settings["upstream"], "dbname": "nowhere"}}
        return {**settings, "dbname": "nowhere"}


class DetectPostgresLogical(OnTwins):
    """A look at the subscriber."""

    uses = "detect.postgres_logical"

    async def spoil(self, settings: Settings) -> Settings:
        """It hangs up on everybody."""
        self.bend("refuse")
        return settings


class FencePostgresLogical(OnTwins):
    """The primary."""

    uses = "fence.postgres_logical"
    region = HOME
    lost = "ALTER ROLE"
    cannot: ClassVar[dict[str, str]] = {
        "expired": _NO_EXPIRY,
        "hangs": _SILENCE,
        "wrong_state": "a primary can be fenced in any state, and a standby need not be",
    }

    async def effect(self) -> Any:
        """Without the decision that it keeps, which outlives an undo."""
        return await self.logical.look(self.twins, notes=False)


class PromotePostgresLogical(OnTwins):
    """The subscriber."""

    uses = "promote.postgres_logical"
    lost = "DROP SUBSCRIPTION"

    async def spoil(self, settings: Settings) -> Settings:
        """In a planned procedure; its primary still takes writes."""
        del settings
        return self.settings(AWAY, HOME)


class _Following(OnTwins):
    upstream = HOME


class CatchUpPostgresLogical(_Following):
    """The subscriber has everything of its primary."""

    uses = "catch_up.postgres_logical"

    async def stand(self) -> Settings:
        """Everything from before this moment."""
        return {**await super().stand(), "exact": True}

    async def spoil(self, settings: Settings) -> Settings:
        """It is a primary itself."""
        del settings
        return {**self.settings(HOME, HOME), "exact": True}


class ComparePostgresLogical(_Following):
    """The subscriber and its primary."""

    uses = "compare.postgres_logical"

    async def spoil(self, settings: Settings) -> Settings:
        """It has lost a row."""
        await self.twins.ask(AWAY, "DELETE FROM counted")
        return settings


class _Former(OnTwins):
    start = "away"
    region = HOME
    upstream = AWAY

    async def spoil(self, settings: Settings) -> Settings:
        """It takes writes again, since its fence was undone."""
        await perform("fence.postgres_logical.undo", self.twins.settings(HOME), epoch=OLDER, within=self.within)
        return settings


class SalvagePostgresLogical(_Former):
    """It has nothing that its successor has not."""

    uses = "salvage.postgres_logical"

    async def effect(self) -> Any:
        """And the file of what was found."""
        found = [path.read_text() for path in sorted((self.home / "orphans").rglob("*")) if path.is_file()]
        return await super().effect(), found


class ReseedPostgresLogical(_Former):
    """It becomes a subscriber of its successor."""

    uses = "reseed.postgres_logical"
    within = 60.0
    lost = "CREATE SUBSCRIPTION"
