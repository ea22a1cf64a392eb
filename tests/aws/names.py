"""Name servers for moto's zones, which answers no DNS: a real server on loopback that answers as Route 53 would.

It reads the records at each question, past the front, where nothing is counted or bent. Weighted ones are drawn, of
failover ones the primary answers, a simple one gives all its values, and an alias gives the addresses of its target.
"""

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.aws.world import World
from tests.names import NameServer, serving


class Names(NameServer):
    """One server for all zones of a World."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.stale: dict[tuple[str, str], list[dict[str, Any]]] = {}
        """Record sets, by name and type, of which the server knows nothing newer."""

    def sets(self, name: str, kind: str) -> list[dict[str, Any]] | None:
        """The record sets of that name and type; None when it is in no zone."""
        if (name, kind) in self.stale:
            return self.stale[name, kind]
        found: list[dict[str, Any]] | None = self.world.tell("route53", sets=[name, kind])
        return found

    def values(self, name: str, kind: str) -> list[str] | None:
        """One answer."""
        found = self.sets(name, kind)
        if not found:
            return None if found is None else []
        chosen = found[0]
        if chosen.get("Weight") is not None:
            weights = [each["Weight"] for each in found]
            chosen = random.choices(found, weights if any(weights) else None)[0]  # noqa: S311 - a draw
        elif chosen.get("Failover"):
            chosen = next((each for each in found if each["Failover"] == "PRIMARY"), chosen)
        if alias := chosen.get("AliasTarget"):
            target = f"{alias['DNSName'].rstrip('.')}."
            inside = self.values(target, kind)
            return (
                inside
                if inside is not None
                else [i[4][0] for i in socket.getaddrinfo(target.rstrip("."), None, socket.AF_INET)]
            )
        values = [each["Value"] for each in chosen["ResourceRecords"]]
        return [f"{each.rstrip('.')}." for each in values] if kind == "CNAME" else values


@contextmanager
def name_server(world: World) -> Iterator[Names]:
    """A server while the block runs; all of the World's zones name it."""
    server = Names(world)
    with serving(server):
        world.tell("route53", servers=[server.address])
        yield server
