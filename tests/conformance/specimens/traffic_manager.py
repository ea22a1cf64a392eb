"""Azure Traffic Manager on the fake of Azure Resource Manager."""

from typing import Any

from tests.azure.profiles import put_profile
from tests.conformance.specimen import OnAzure, Settings

_PROFILE = "Microsoft.Network/trafficmanagerprofiles"


class _TrafficManager(OnAzure):
    async def stand(self) -> Settings:
        """A weighted profile that leads to the region of old."""
        put_profile(self.azure, self.name, old=("Enabled", 100), new=("Disabled", 1))
        return self.azure.settings(
            azure_region="global",
            profile=self.name,
            places={self.here: {"endpoint_name": "old"}, self.there: {"endpoint_name": "new"}},
            weights={self.here: 0, self.there: 100},
            before=[self.here],
            weights_before={self.here: 100, self.there: 0},
        )

    async def effect(self) -> Any:
        """Each endpoint's state, and what else the profile says."""
        found = self.azure.arm.resource(self.azure.id_of(_PROFILE, self.name))
        keys = ("endpointStatus", "weight", "priority", "target")
        endpoints = {
            each["name"]: [each["properties"].get(key) for key in keys] for each in found["properties"]["endpoints"]
        }
        return endpoints, found["tags"]["team"], found["properties"]["dnsConfig"]

    async def absent(self, settings: Settings) -> Settings:
        """Another profile."""
        return {**settings, "profile": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has turned everything off."""
        put_profile(self.azure, self.name, old=("Disabled", 100), new=("Disabled", 1))
        return settings


class CutOverTrafficManager(_TrafficManager):
    """From one region to the other."""

    uses = "cut_over.traffic_manager"


class DetectTrafficManager(_TrafficManager):
    """A look at it."""

    uses = "detect.traffic_manager"
