"""A Cosmos DB account: its write region here, its read region there."""

from typing import Any, ClassVar

from tests.activities.calls import perform
from tests.azure.databases import COSMOS, cosmos, cosmos_account, stand_cosmos
from tests.conformance.specimen import OnAzure, Settings


class _CosmosDb(OnAzure):
    async def stand(self) -> Settings:
        """Both."""
        stand_cosmos(self.azure, self.name)
        return cosmos(self.azure, self.name, self.there)

    async def effect(self) -> Any:
        """The write region, those that are online, the priorities, and the decision."""
        account = cosmos_account(self.azure, self.name)
        properties = account["properties"]
        lists = (properties[key] for key in ("writeLocations", "readLocations", "failoverPolicies"))
        return [account["tags"].get("evac-epoch"), *([one["locationName"] for one in found] for found in lists)]

    async def absent(self, settings: Settings) -> Settings:
        """Another account."""
        return {**settings, "account": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has locked it."""
        self.azure.arm.locks[self.azure.id_of(COSMOS, self.name)] = "ReadOnly"
        return settings

    @property
    def upstream(self) -> Settings:
        """The write region's settings."""
        return cosmos(self.azure, self.name, self.here)


class DetectCosmosDb(_CosmosDb):
    """A look at the read region."""

    uses = "detect.cosmosdb"

    async def spoil(self, settings: Settings) -> Settings:
        """Azure's control plane says nothing but errors."""
        self.azure.bend("*", "fail")
        return settings


class FenceCosmosDb(_CosmosDb):
    """The decision is noted."""

    uses = "fence.cosmosdb"
    cannot: ClassVar[dict[str, str]] = {
        "hangs": "a silent control plane is an answer of its own: tests/activities/handing/test_fence.py"
    }

    async def stand(self) -> Settings:
        """Of the write region."""
        await super().stand()
        return self.upstream


class CatchUpCosmosDb(_CosmosDb):
    """The read region is in step."""

    uses = "catch_up.cosmosdb"

    async def stand(self) -> Settings:
        """Everything is asked for."""
        return {**await super().stand(), "upstream": self.upstream, "exact": True}

    async def spoil(self, settings: Settings) -> Settings:
        """It is being added."""
        cosmos_account(self.azure, self.name)["properties"]["readLocations"][1]["provisioningState"] = "Creating"
        self.within = 3.0  # it is waited for as long as the call may take
        return settings


class PromoteCosmosDb(_CosmosDb):
    """The write region is moved."""

    uses = "promote.cosmosdb"
    lost = f"{COSMOS}/offlineRegion/action"


class ReseedCosmosDb(_CosmosDb):
    """The former write region is a read region."""

    uses = "reseed.cosmosdb"

    async def stand(self) -> Settings:
        """After a planned move; the decision to lead home is a newer one."""
        there = await super().stand()
        await perform("promote.cosmosdb", {**there, "upstream": self.upstream}, within=self.within, epoch=1)
        return {**self.upstream, "upstream": there}
