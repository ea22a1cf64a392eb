"""A zone of Azure DNS for tests, as somebody has made it, and a real name server that answers from it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.activities.calls import ACTIVE, STANDBY
from tests.azure.names import AzureNames, name_server
from tests.azure.world import AzureWorld

OLD, NEW, OTHER = "192.0.2.1", "192.0.2.2", "192.0.2.77"
ZONE, KIND = "example.com", "Microsoft.Network/dnsZones"


class Zone:
    """One zone, its name server, and the name as somebody has made it."""

    def __init__(self, azure: AzureWorld, names: AzureNames) -> None:
        self.azure, self.names = azure, names
        azure.put(KIND, ZONE, location="global", properties={"nameServers": [names.address]})
        self.lead(OLD)

    def lead(self, *addresses: str, **metadata: str) -> None:
        """By hand."""
        records = [{"ipv4Address": each} for each in addresses]
        properties = {"TTL": 33, "ARecords": records, "metadata": metadata or {"team": "llm"}}
        self.azure.put(f"{KIND}/A", ZONE, "api", properties=properties)

    def alias(self, resource: str) -> None:
        """By hand, to a resource of Azure."""
        properties = {"TTL": 60, "targetResource": {"id": resource}}
        self.azure.put(f"{KIND}/A", ZONE, "api", properties=properties)

    def settings(self, **more: Any) -> dict[str, Any]:
        """From old to new, as a plan would say it."""
        return self.azure.settings(
            **{
                "azure_region": "global",
                "zone": ZONE,
                "name": "api.example.com",
                "places": {ACTIVE: {"to": [OLD]}, STANDBY: {"to": [NEW]}},
                "weights": {ACTIVE: 0, STANDBY: 100},
                "before": [ACTIVE],
                "weights_before": {ACTIVE: 100, STANDBY: 0},
                **more,
            }
        )

    def properties(self, kind: str = "A", name: str = "api") -> dict[str, Any]:
        """What is there."""
        found: dict[str, Any] = self.azure.arm.resource(self.azure.id_of(f"{KIND}/{kind}", ZONE, name))["properties"]
        return found

    def addresses(self) -> list[str]:
        """Where the name leads."""
        return [each["ipv4Address"] for each in self.properties()["ARecords"]]


@contextmanager
def zone_of(azure: AzureWorld) -> Iterator[Zone]:
    """A zone whose name leads to the active region."""
    with name_server(azure) as names:
        yield Zone(azure, names)
