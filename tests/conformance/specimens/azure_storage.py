"""A geo-redundant storage account: written here, copied there."""

from typing import Any, ClassVar

from tests.activities.calls import perform
from tests.azure.databases import STORAGE, stand_storage, storage, storage_account
from tests.conformance.specimen import OnAzure, Settings


class _AzureStorage(OnAzure):
    async def stand(self) -> Settings:
        """Both."""
        self.name = self.name.replace("-", "")
        stand_storage(self.azure, self.name)
        return storage(self.azure, self.name, self.there)

    async def effect(self) -> Any:
        """Its regions, its redundancy, and the decision."""
        account = storage_account(self.azure, self.name)
        places = (account["properties"].get(key) for key in ("primaryLocation", "secondaryLocation"))
        return [*places, account["sku"]["name"], account["tags"].get("evac-epoch")]

    async def absent(self, settings: Settings) -> Settings:
        """Another account."""
        return {**settings, "account": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has locked it."""
        self.azure.arm.locks[self.azure.id_of(STORAGE, self.name)] = "ReadOnly"
        return settings

    @property
    def upstream(self) -> Settings:
        """The primary's settings."""
        return storage(self.azure, self.name, self.here)


class DetectAzureStorage(_AzureStorage):
    """A look at the copy."""

    uses = "detect.azure_storage"

    async def spoil(self, settings: Settings) -> Settings:
        """Azure's control plane says nothing but errors."""
        self.azure.bend("*", "fail")
        return settings


class FenceAzureStorage(_AzureStorage):
    """The decision is noted."""

    uses = "fence.azure_storage"
    cannot: ClassVar[dict[str, str]] = {
        "hangs": "a silent control plane is an answer of its own: tests/activities/handing/test_fence.py"
    }

    async def stand(self) -> Settings:
        """Of the primary."""
        await super().stand()
        return self.upstream


class CatchUpAzureStorage(_AzureStorage):
    """The copy is in step."""

    uses = "catch_up.azure_storage"

    async def stand(self) -> Settings:
        """Everything is asked for."""
        return {**await super().stand(), "upstream": self.upstream, "exact": True}

    async def spoil(self, settings: Settings) -> Settings:
        """It is being made."""
        storage_account(self.azure, self.name)["properties"]["geoReplicationStats"]["status"] = "Bootstrap"
        self.within = 3.0  # it is waited for as long as the call may take
        return settings


class PromoteAzureStorage(_AzureStorage):
    """The account fails over."""

    uses = "promote.azure_storage"
    lost = f"{STORAGE}/failover/action"


class ReseedAzureStorage(_AzureStorage):
    """After a forced failover the former region gets a copy again."""

    uses = "reseed.azure_storage"
    lost = f"{STORAGE}/write"

    async def stand(self) -> Settings:
        """In one region alone."""
        there = await super().stand()
        await perform("promote.azure_storage", there, within=self.within)
        return {**self.upstream, "upstream": there}
