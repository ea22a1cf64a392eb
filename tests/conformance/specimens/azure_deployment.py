"""Deployments of templates, on the fake of Azure Resource Manager."""

from typing import Any

from tests.activities.calls import perform
from tests.azure.templates import SCALE_SET, written
from tests.conformance.specimen import OnAzure, Settings


class _Deployment(OnAzure):
    lost = "Microsoft.Resources/deployments/write"

    async def stand(self) -> Settings:
        """A template, nothing of which is deployed yet."""
        template = written(self.home, self.name)
        return self.azure.settings(self.there, deployment=self.name, template=template)

    async def effect(self) -> Any:
        """How many instances there are to be."""
        where = self.azure.id_of(SCALE_SET, self.name, region=self.there)
        return self.azure.arm.resources.get(where.lower(), {}).get("sku", {}).get("capacity")

    async def absent(self, settings: Settings) -> Settings:
        """A group that is not there."""
        return {**settings, "resource_group": "none"}

    async def shown(self, settings: Settings) -> Settings:
        """With what the approvers were shown."""
        checked = await perform(f"{self.uses}.check", settings, home=self.home, within=self.within)
        assert checked.preview is not None, checked.reason
        return {**settings, "approved": checked.preview.approved}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has locked the group."""
        self.azure.arm.locks[self.azure.id_of(SCALE_SET, "x", region=self.there).partition("/providers/")[0]] = (
            "ReadOnly"
        )
        return settings


class ScaleAzureDeployment(_Deployment):
    """From nothing to five instances."""

    uses = "scale.azure_deployment"

    async def stand(self) -> Settings:
        """With the size that is wanted."""
        return await self.shown({**await super().stand(), "replicas": 5})


class RunAzureDeployment(_Deployment):
    """The same, with its size as a parameter."""

    uses = "run.azure_deployment"

    async def stand(self) -> Settings:
        """With all its parameters."""
        return await self.shown({**await super().stand(), "parameters": {"standbySize": 5}})


class DetectAzureDeployment(_Deployment):
    """A look at it."""

    uses = "detect.azure_deployment"

    async def spoil(self, settings: Settings) -> Settings:
        """Azure's control plane says nothing but errors."""
        self.azure.bend("*", "fail")
        return settings
