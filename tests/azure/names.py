"""A name server for the zones of the fake of Azure DNS: it answers from the record sets that are there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.azure.world import AzureWorld
from tests.names import NameServer, serving

_FIELDS = {"A": ("ARecords", "ipv4Address"), "AAAA": ("AAAARecords", "ipv6Address")}


class AzureNames(NameServer):
    """One server for all zones of an AzureWorld."""

    def __init__(self, world: AzureWorld) -> None:
        super().__init__()
        self.world = world
        self.stale: dict[str, list[str]] = {}
        """Values, by name, of which the server knows nothing newer."""

    def values(self, name: str, kind: str) -> list[str] | None:
        """As the record set has them."""
        if name in self.stale:
            return self.stale[name]
        with self.world.arm.lock:
            zones = [one for one in self.world.arm.resources.values() if one["type"] == "Microsoft.Network/dnsZones"]
            zone = next((one for one in zones if name.endswith(f"{one['name']}.")), None)
            if zone is None:
                return None
            relative = name.removesuffix(f"{zone['name']}.").rstrip(".") or "@"
            found: dict[str, Any] = self.world.arm.resources.get(f"{zone['id']}/{kind}/{relative}".lower(), {})
        properties = found.get("properties", {})
        if kind == "CNAME":
            alias = properties.get("CNAMERecord")
            return [f"{alias['cname'].rstrip('.')}."] if alias else []
        records, address = _FIELDS[kind]
        return [each[address] for each in properties.get(records, ())]


@contextmanager
def name_server(world: AzureWorld) -> Iterator[AzureNames]:
    """A server while the block runs."""
    server = AzureNames(world)
    with serving(server):
        yield server
