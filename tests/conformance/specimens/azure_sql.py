"""Failover groups of Azure SQL: the primary here, the secondary there."""

from typing import Any, ClassVar

from tests.activities.calls import perform
from tests.azure.databases import SQL, SQL_GROUP, sql, sql_group, stand_sql
from tests.conformance.specimen import OnAzure, Settings


class _AzureSql(OnAzure):
    async def stand(self) -> Settings:
        """Both."""
        stand_sql(self.azure, self.name)
        return sql(self.azure, self.name, self.there)

    async def effect(self) -> Any:
        """The role on each server, and the decision."""
        seen = {}
        for region in (self.here, self.there):
            tags = self.azure.arm.resource(self.azure.id_of(SQL, f"{self.name}-{region}", region=region))["tags"]
            role = sql_group(self.azure, self.name, region)["properties"]["replicationRole"]
            seen[region] = (role, tags.get(f"evac-epoch-{self.name}"))
        return seen

    async def absent(self, settings: Settings) -> Settings:
        """Another group."""
        return {**settings, "failover_group": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has locked the server."""
        region = settings["azure_region"]
        self.azure.arm.locks[self.azure.id_of(SQL, settings["server"], region=region)] = "ReadOnly"
        return settings

    @property
    def upstream(self) -> Settings:
        """The primary's settings."""
        return sql(self.azure, self.name, self.here)


class DetectAzureSql(_AzureSql):
    """A look at the secondary."""

    uses = "detect.azure_sql"

    async def spoil(self, settings: Settings) -> Settings:
        """Azure's control plane says nothing but errors."""
        self.azure.bend("*", "fail")
        return settings


class FenceAzureSql(_AzureSql):
    """The decision is noted at the primary."""

    uses = "fence.azure_sql"
    cannot: ClassVar[dict[str, str]] = {
        "hangs": "a silent region is an answer of its own: tests/activities/handing/test_fence.py"
    }

    async def stand(self) -> Settings:
        """Of the primary."""
        await super().stand()
        return self.upstream


class CatchUpAzureSql(_AzureSql):
    """The secondary is in step."""

    uses = "catch_up.azure_sql"

    async def stand(self) -> Settings:
        """Everything is asked for."""
        return {**await super().stand(), "upstream": self.upstream, "exact": True}

    async def spoil(self, settings: Settings) -> Settings:
        """It is being seeded."""
        sql_group(self.azure, self.name, self.there)["properties"]["replicationState"] = "SEEDING"
        self.within = 3.0  # it is waited for as long as the call may take
        return settings


class PromoteAzureSql(_AzureSql):
    """The group fails over."""

    uses = "promote.azure_sql"
    lost = f"{SQL_GROUP}/forceFailoverAllowDataLoss/action"


class ReseedAzureSql(_AzureSql):
    """The former primary is the secondary."""

    uses = "reseed.azure_sql"

    async def stand(self) -> Settings:
        """After a failover."""
        there = await super().stand()
        await perform("promote.azure_sql", there, within=self.within)
        return {**self.upstream, "upstream": there}
