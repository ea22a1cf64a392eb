"""Azure Front Door on the fake of Azure Resource Manager."""

from typing import Any

from tests.azure.doors import GROUP, put_door, states
from tests.conformance.specimen import OnAzure, Settings


class _FrontDoor(OnAzure):
    async def stand(self) -> Settings:
        """A profile whose origin of old takes traffic."""
        put_door(self.azure, self.name, old="Enabled", new="Disabled")
        return self.azure.settings(
            azure_region="global",
            profile=self.name,
            origin_group=GROUP,
            places={self.here: {"origin": "old"}, self.there: {"origin": "new"}},
            weights={self.here: 0, self.there: 100},
            before=[self.here],
        )

    async def effect(self) -> Any:
        """Each origin's state."""
        return states(self.azure, self.name)

    async def absent(self, settings: Settings) -> Settings:
        """Another profile."""
        return {**settings, "profile": "none"}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has turned off everything."""
        put_door(self.azure, self.name, old="Disabled", new="Disabled")
        return settings


class CutOverFrontDoor(_FrontDoor):
    """From one region to the other."""

    uses = "cut_over.front_door"


class DetectFrontDoor(_FrontDoor):
    """A look at it."""

    uses = "detect.front_door"
