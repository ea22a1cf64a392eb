"""Agent pools of AKS, on the fake of Azure Resource Manager."""

from typing import Any

from tests.conformance.specimen import OnAzure, Settings

_CLUSTER = "Microsoft.ContainerService/managedClusters"
_POOL = f"{_CLUSTER}/agentPools"


class _Pool(OnAzure):
    async def stand(self) -> Settings:
        """A pool of two nodes with its autoscaler, and another one on the spot market, which is empty."""
        self.azure.put(_CLUSTER, self.name, region=self.there)
        gpu = {
            "vmSize": "Standard_NC24ads_A100_v4",
            "mode": "User",
            "osType": "Linux",
            "nodeTaints": ["gpu=yes:NoSchedule"],
        }
        scaled = {"enableAutoScaling": True, "count": 2, "minCount": 1, "maxCount": 3}
        self.azure.put(_POOL, self.name, "gpu", region=self.there, properties={**gpu, **scaled}, room=4)
        spot = {"count": 0, "scaleSetPriority": "Spot", "tags": {"team": "llm"}}
        self.azure.put(_POOL, self.name, "spot", region=self.there, properties={**gpu, **spot})
        ladder = [{"pool": "spot", "market": "spot"}]
        return self.azure.settings(self.there, cluster=self.name, pool="gpu", ladder=ladder)

    async def effect(self) -> Any:
        """What is wanted of each; and what nobody may touch."""
        keys = ("minCount", "maxCount", "nodeTaints", "vmSize")
        paths = [self.azure.id_of(_POOL, self.name, name, region=self.there) for name in ("gpu", "spot")]
        found = [self.azure.arm.resources.get(path.lower(), {}).get("properties", {}) for path in paths]
        return [[one.get(key) for key in keys] for one in found], found[-1].get("count")

    async def absent(self, settings: Settings) -> Settings:
        """Another one."""
        return {**settings, "pool": "none"}


class ScaleAksNodepool(_Pool):
    """From two nodes to five, of which Azure has one only on the spot market."""

    uses = "scale.aks_nodepool"

    async def stand(self) -> Settings:
        """With the size that is wanted."""
        return {**await super().stand(), "replicas": 5}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has locked the cluster."""
        self.azure.arm.locks[self.azure.id_of(_CLUSTER, self.name, region=self.there)] = "ReadOnly"
        return settings


class DetectAksNodepool(_Pool):
    """A look at it."""

    uses = "detect.aks_nodepool"

    async def spoil(self, settings: Settings) -> Settings:
        """Azure's control plane says nothing but errors."""
        self.azure.bend("*", "fail")
        return settings
