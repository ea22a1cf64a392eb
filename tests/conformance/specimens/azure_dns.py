"""Azure DNS on the fake of Azure Resource Manager, with a real name server beside it."""

from contextlib import ExitStack
from typing import Any

from runbooks.steps import ErrorType
from tests.azure.names import name_server
from tests.conformance.specimen import OnAzure, Settings

OLD, NEW = "192.0.2.1", "192.0.2.2"
_ZONE = "Microsoft.Network/dnsZones"


class _AzureDns(OnAzure):
    leads = OLD

    async def stand(self) -> Settings:
        """A name that leads to the region of old."""
        self.zone = f"{self.name}.example"
        self.stack = ExitStack()
        names = self.stack.enter_context(name_server(self.azure))
        self.azure.put(_ZONE, self.zone, location="global", properties={"nameServers": [names.address]})
        self.lead(self.leads)
        return self.azure.settings(
            azure_region="global",
            zone=self.zone,
            name=f"api.{self.zone}",
            places={self.here: {"to": [OLD]}, self.there: {"to": [NEW]}},
            weights={self.here: 0, self.there: 100},
            before=[self.here],
            weights_before={self.here: 100, self.there: 0},
        )

    def lead(self, address: str) -> None:
        """By hand, as anybody could."""
        properties = {"TTL": 60, "ARecords": [{"ipv4Address": address}], "metadata": {"team": "llm"}}
        self.azure.put(f"{_ZONE}/A", self.zone, "api", properties=properties)

    async def effect(self) -> Any:
        """What the name leads to."""
        found = self.azure.arm.resource(self.azure.id_of(f"{_ZONE}/A", self.zone, "api"))["properties"]
        return found["ARecords"], found["TTL"], found["metadata"]["team"]

    async def absent(self, settings: Settings) -> Settings:
        """Another zone."""
        return {**settings, "zone": "none.example", "name": "api.none.example"}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has led the name elsewhere."""
        self.lead("192.0.2.77")
        return settings


class CutOverAzureDns(_AzureDns):
    """From one region to the other."""

    uses = "cut_over.azure_dns"


class DetectAzureDns(_AzureDns):
    """A look at it."""

    uses = "detect.azure_dns"


class VerifyAzureDns(_AzureDns):
    """What its name servers say."""

    uses = "verify.azure_dns"
    spoiled = ErrorType.NOT_YET
    leads = NEW

    async def spoil(self, settings: Settings) -> Settings:
        """It was led back by hand."""
        self.lead(OLD)
        return settings
