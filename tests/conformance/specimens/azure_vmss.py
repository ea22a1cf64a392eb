"""Virtual machine scale sets, on the fake of Azure Resource Manager."""

from typing import Any

from tests.conformance.specimen import OnAzure, Settings

_KIND = "Microsoft.Compute/virtualMachineScaleSets"


class _Vmss(OnAzure):
    async def stand(self) -> Settings:
        """A scale set of two instances, and another one on the spot market, which is empty."""
        sku = {"name": "Standard_NC24ads_A100_v4", "tier": "Standard", "capacity": 2}
        self.azure.put(_KIND, self.name, region=self.there, sku=sku, tags={"team": "llm"}, room=4)
        spot = {"virtualMachineProfile": {"priority": "Spot"}, "orchestrationMode": "Flexible"}
        empty = {"name": "Standard_NC40ads_H100_v5", "capacity": 0}
        self.azure.put(_KIND, f"{self.name}-spot", region=self.there, sku=empty, properties=spot)
        ladder = [{"scale_set": f"{self.name}-spot", "market": "spot"}]
        return self.azure.settings(self.there, scale_set=self.name, ladder=ladder)

    async def effect(self) -> Any:
        """How many instances are wanted of each."""
        paths = [self.azure.id_of(_KIND, name, region=self.there) for name in (self.name, f"{self.name}-spot")]
        return [self.azure.arm.resources.get(path.lower(), {}).get("sku", {}).get("capacity") for path in paths]

    async def absent(self, settings: Settings) -> Settings:
        """Another one."""
        return {**settings, "scale_set": "none"}


class ScaleVmss(_Vmss):
    """From two instances to five, of which Azure has one only on the spot market."""

    uses = "scale.vmss"

    async def stand(self) -> Settings:
        """With the size that is wanted."""
        return {**await super().stand(), "replicas": 5}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has locked it."""
        self.azure.arm.locks[self.azure.id_of(_KIND, self.name, region=self.there)] = "ReadOnly"
        return settings


class DetectVmss(_Vmss):
    """A look at it."""

    uses = "detect.vmss"

    async def spoil(self, settings: Settings) -> Settings:
        """Azure's control plane says nothing but errors."""
        self.azure.bend("*", "fail")
        return settings
