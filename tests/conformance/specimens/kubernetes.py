"""Workloads of Kubernetes on the API server of tests/kubernetes, with an autoscaler."""

from typing import Any

import pytest

from tests.conformance.specimen import Settings, Specimen
from tests.kubernetes.server import ApiServer, Bend
from tests.kubernetes.world import autoscaler, reached, workload


class _Kubernetes(Specimen):
    request: pytest.FixtureRequest
    kube: ApiServer

    async def stand(self) -> Settings:
        """Two replicas, which an autoscaler holds between two and three."""
        self.kube = self.request.getfixturevalue("kube")
        workload(self.kube, self.name, 2)
        autoscaler(self.kube, self.name, 2, 3)
        return reached(self.kube, self.name)

    async def effect(self) -> Any:
        """The size, and the autoscaler's bounds."""
        size = self.kube.see("apps/v1", "deployments", self.name)["spec"]["replicas"]
        spec = self.kube.see("autoscaling/v2", "horizontalpodautoscalers", f"{self.name}-hpa")["spec"]
        return size, spec["minReplicas"], spec["maxReplicas"]

    async def absent(self, settings: Settings) -> Settings:
        """Another workload."""
        return {**settings, "name": "none"}

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """By Kubernetes' own errors."""
        self.kube.bends.append(Bend(match, mode, times))

    def straighten(self) -> None:
        """As Kubernetes is."""
        self.kube.bends.clear()

    def changes(self) -> int:
        """What the API server has counted."""
        return self.kube.changes()


class ScaleKubernetes(_Kubernetes):
    """From two replicas to five, which is beyond what the autoscaler allows."""

    uses = "scale.kubernetes"
    lost = "PATCH deployments/scale"

    async def stand(self) -> Settings:
        """With the size that is wanted."""
        return {**await super().stand(), "replicas": 5}

    async def spoil(self, settings: Settings) -> Settings:
        """It is being deleted."""
        self.kube.see("apps/v1", "deployments", self.name)["metadata"]["deletionTimestamp"] = "2026-11-29T00:00:00Z"
        return settings


class DetectKubernetes(_Kubernetes):
    """A look at it."""

    uses = "detect.kubernetes"

    async def spoil(self, settings: Settings) -> Settings:
        """Its image cannot be pulled."""
        self.kube.controllers.image = False
        return settings
