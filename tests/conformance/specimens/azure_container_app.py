"""Container Apps, on the fake of Azure Resource Manager."""

from typing import Any

from tests.azure.fakes.app import app_body
from tests.conformance.specimen import OnAzure, Settings

_KIND = "Microsoft.App/containerApps"


class _ContainerApp(OnAzure):
    async def stand(self) -> Settings:
        """An app that keeps two replicas, and may have three."""
        self.azure.put(_KIND, self.name, region=self.there, tags={"team": "llm"}, **app_body(2, 3, suffix="first"))
        return self.azure.settings(self.there, app=self.name)

    async def effect(self) -> Any:
        """How many it may have."""
        found = self.azure.arm.resources.get(self.azure.id_of(_KIND, self.name, region=self.there).lower(), {})
        return dict(found.get("properties", {}).get("template", {}).get("scale", {}))

    async def absent(self, settings: Settings) -> Settings:
        """Another one."""
        return {**settings, "app": "none"}


class ScaleContainerApp(_ContainerApp):
    """From two replicas to five."""

    uses = "scale.container_app"

    async def stand(self) -> Settings:
        """With the size that is wanted."""
        return {**await super().stand(), "replicas": 5}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has stopped it."""
        where = self.azure.id_of(_KIND, self.name, region=self.there)
        self.azure.arm.resource(where)["properties"]["runningStatus"] = "Stopped"
        return settings


class DetectContainerApp(_ContainerApp):
    """A look at it."""

    uses = "detect.container_app"

    async def spoil(self, settings: Settings) -> Settings:
        """Azure's control plane says nothing but errors."""
        self.azure.bend("*", "fail")
        return settings
