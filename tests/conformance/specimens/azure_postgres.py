"""PostgreSQL flexible servers: a primary here, and a read replica of it there."""

from typing import Any, ClassVar

from tests.activities.calls import perform
from tests.azure.databases import POSTGRES, postgres, server, stand_backups, stand_postgres, tell_lag, tell_unsent
from tests.conformance.specimen import OnAzure, Settings


class _AzurePostgres(OnAzure):
    async def stand(self) -> Settings:
        """Both."""
        stand_postgres(self.azure, self.name)
        tell_lag(self.azure, self.name, 0.5)
        return postgres(self.azure, self.name, self.there)

    async def effect(self) -> Any:
        """The role of each, whom it follows, and its parameter."""
        seen = {}
        for region in (self.here, self.there):
            try:
                found = server(self.azure, self.name, region)
            except KeyError:
                continue
            properties = found["properties"]
            followed = properties.get("sourceServerResourceId"), properties["replicationRole"]
            seen[region] = (*followed, found.get("parameters", {}).get("default_transaction_read_only", "off"))
        return seen

    async def absent(self, settings: Settings) -> Settings:
        """Another server."""
        return {**settings, "server": "none"}

    def put(self, region: str, **properties: Any) -> None:
        """Something happens to the server."""
        server(self.azure, self.name, region)["properties"].update(properties)

    @property
    def upstream(self) -> Settings:
        """The primary's settings."""
        return postgres(self.azure, self.name, self.here)

    async def fence(self) -> None:
        """The primary is fenced."""
        await perform("fence.azure_postgres", self.upstream, within=self.within)


class DetectAzurePostgres(_AzurePostgres):
    """A look at the replica."""

    uses = "detect.azure_postgres"

    async def spoil(self, settings: Settings) -> Settings:
        """Its key is gone."""
        self.put(self.there, state="Inaccessible")
        return settings


class FenceAzurePostgres(_AzurePostgres):
    """The primary is fenced."""

    uses = "fence.azure_postgres"
    lost = "Microsoft.DBforPostgreSQL/flexibleServers/configurations/write"
    cannot: ClassVar[dict[str, str]] = {
        "hangs": "a silent region is an answer of its own: tests/activities/fence/test_azure_postgres.py"
    }

    async def stand(self) -> Settings:
        """Of the primary."""
        await super().stand()
        return self.upstream

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has locked it."""
        self.azure.arm.locks[self.azure.id_of(POSTGRES, settings["server"], region=self.here)] = "ReadOnly"
        return settings


class PromoteAzurePostgres(_AzurePostgres):
    """The replica is promoted."""

    uses = "promote.azure_postgres"

    async def spoil(self, settings: Settings) -> Settings:
        """It is stopped."""
        self.put(self.there, state="Stopped")
        return settings


class CatchUpAzurePostgres(_AzurePostgres):
    """The replica has everything from before the fence."""

    uses = "catch_up.azure_postgres"

    async def stand(self) -> Settings:
        """Of a fenced primary."""
        settings = await super().stand()
        await self.fence()
        tell_unsent(self.azure, self.name, 0.0, ago=-10)
        return {**settings, "upstream": self.upstream, "exact": True}

    async def spoil(self, settings: Settings) -> Settings:
        """It follows nobody."""
        await perform("promote.azure_postgres", postgres(self.azure, self.name, self.there), within=self.within)
        return settings


class ReseedAzurePostgres(_AzurePostgres):
    """The former primary, which its owner has deleted, is made anew as a replica of the one that was promoted."""

    uses = "reseed.azure_postgres"

    async def stand(self) -> Settings:
        """After a failover."""
        there = await super().stand()
        await perform("promote.azure_postgres", {**there, "standalone": True}, within=self.within)
        del self.azure.arm.resources[self.azure.id_of(POSTGRES, f"{self.name}-{self.here}", region=self.here).lower()]
        return {**self.upstream, "upstream": there}

    async def absent(self, settings: Settings) -> Settings:
        """There is no such upstream."""
        return {**settings, "upstream": {**settings["upstream"], "server": "none"}}

    async def spoil(self, settings: Settings) -> Settings:
        """A server of that name takes writes."""
        properties = {"state": "Ready", "replicationRole": "None", "replica": {"role": "None"}}
        self.azure.put(POSTGRES, settings["server"], region=self.here, tags={}, properties=properties)
        return settings


class RestoreAzurePostgres(_AzurePostgres):
    """The primary's geo-redundant backups, in the replica's region."""

    uses = "restore.azure_postgres"
    cannot: ClassVar[dict[str, str]] = {
        "sees_what_is_good": "it makes a server aside and removes it: tests/activities/restore/test_azure_postgres.py",
    }

    async def stand(self) -> Settings:
        """There are some."""
        settings = await super().stand()
        stand_backups(self.azure, self.name)
        return settings

    async def spoil(self, settings: Settings) -> Settings:
        """They are kept in one region only."""
        stand_backups(self.azure, self.name, geo="Disabled")
        return settings
