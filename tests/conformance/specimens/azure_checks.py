"""Checks that ask Azure itself."""

import time
from typing import Any

from tests.azure.fakes.insights import tell_metric
from tests.azure.fakes.resourcehealth import ResourceHealth
from tests.conformance.specimen import OnAzure, Settings

_KIND = "Microsoft.Compute/virtualMachineScaleSets"
_ELSEWHERE = {"silence_is_bounded": "it is not in the region: its silence is unknown (see its own test)"}


class DetectAzureMonitor(OnAzure):
    """A metric of one scale set."""

    uses = "detect.azure_monitor"
    cannot = _ELSEWHERE

    async def stand(self) -> Settings:
        """It is within its bounds."""
        self.azure.put(_KIND, self.name, region=self.there, sku={"name": "Standard_D2s_v5", "capacity": 2})
        self.tell(20.0, 120.0)
        target = f"{_KIND}/{self.name}"
        return self.azure.settings(self.there, target=target, metric="Percentage CPU", at_most=90)

    def tell(self, value: float, ago: float) -> None:
        """A value, so many seconds ago."""
        path = self.azure.id_of(_KIND, self.name, region=self.there)
        tell_metric(self.azure.arm, path, "Percentage CPU", value, time.time() - ago)

    async def effect(self) -> Any:
        """What is told of it."""
        return [dict(one["told"]) for one in self.azure.arm.resources.values() if "told" in one]

    async def absent(self, settings: Settings) -> Settings:
        """Another one."""
        return {**settings, "target": f"{_KIND}/none"}

    async def spoil(self, settings: Settings) -> Settings:
        """It is beyond them."""
        self.tell(99.0, 65.0)
        return settings


class DetectAzureResourceHealth(OnAzure):
    """One scale set."""

    uses = "detect.azure_resource_health"
    cannot = _ELSEWHERE

    async def stand(self) -> Settings:
        """It is available."""
        sku = {"name": "Standard_D2s_v5", "capacity": 2}
        self.azure.put(_KIND, self.name, region=self.there, sku=sku)
        return self.azure.settings(self.there, targets=[f"{_KIND}/{self.name}"])

    async def effect(self) -> Any:
        """What is told of it."""
        return dict(self.azure.arm.provider(ResourceHealth).states)

    async def absent(self, settings: Settings) -> Settings:
        """Another one."""
        return {**settings, "targets": [f"{_KIND}/none"]}

    async def spoil(self, settings: Settings) -> Settings:
        """It is not available any more."""
        path = self.azure.id_of(_KIND, self.name, region=self.there)
        self.azure.arm.provider(ResourceHealth).states[path.lower()] = {"availabilityState": "Unavailable"}
        return settings


class DetectAzureServiceHealth(OnAzure):
    """A subscription."""

    uses = "detect.azure_service_health"
    cannot = {**_ELSEWHERE, "what_is_not_there_is_unknown": "it names nothing that could be missing"}

    async def stand(self) -> Settings:
        """Something is active, and elsewhere."""
        self.azure.arm.provider(ResourceHealth).tell("Virtual Machines", "East US")
        settings = self.azure.settings(self.there)
        return {key: value for key, value in settings.items() if key != "resource_group"}

    async def effect(self) -> Any:
        """What is told of it."""
        return list(self.azure.arm.provider(ResourceHealth).events)

    async def spoil(self, settings: Settings) -> Settings:
        """Here, too."""
        self.azure.arm.provider(ResourceHealth).tell("Virtual Machines", "West Europe")
        return settings
