"""The public name of the lab: its own name server, behind a front that can be bent."""

import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import dns.asyncquery
import dns.message
import dns.rcode
import dns.update
import pytest

from lab.dns_config import DnsConfig, DnsKey
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, STANDBY
from tests.conformance.backstage import Backstage
from tests.conformance.dns_front import DnsFront
from tests.conformance.http_front import Bend
from tests.conformance.specimen import Settings, Specimen
from tests.lab.started import free_port, serving

ZONE = "lab.example."
OLD, NEW, THIRD = "127.0.1.1", "127.0.2.1", "127.0.3.1"


class NameServer:
    """The lab's, with one zone."""

    def __init__(self, config: DnsConfig) -> None:
        self.config = config
        self.secret = config.key.secret_file.read_text()

    async def lead(self, name: str, *addresses: str) -> None:
        """As anybody could who has the key."""
        update = dns.update.UpdateMessage(self.config.zone, keyring=self.config.key.tsig_key())
        update.delete(name, "A")
        for address in addresses:
            update.add(name, 1, "A", address)
        answer = await dns.asyncquery.tcp(update, self.config.address, timeout=5, port=self.config.port)
        assert answer.rcode() == dns.rcode.NOERROR

    async def addresses(self, name: str) -> list[str]:
        """Where the name leads."""
        query = dns.message.make_query(name, "A")
        answer = await dns.asyncquery.tcp(query, self.config.address, timeout=5, port=self.config.port)
        return sorted(str(record) for rrset in answer.answer for record in rrset)


@asynccontextmanager
async def name_server(home: Path, zone: str = ZONE) -> AsyncIterator[NameServer]:
    """The server while it lives."""
    secret = home / "tsig.key"
    secret.write_text(base64.b64encode(os.urandom(32)).decode())
    key = DnsKey(name="evac-lab.", secret_file=secret)
    config = DnsConfig(address="127.0.0.1", port=free_port(), zone=zone, key=key, zone_file=home / "zone")
    (home / "dns.json").write_text(config.model_dump_json())
    async with serving("lab.dns_server", home / "dns.json"):
        yield NameServer(config)


class _Name(Specimen):
    request: pytest.FixtureRequest
    denied = ErrorType.NOT_FOUND
    """REFUSED is what a server says that does not serve the zone, too."""
    _leads: str = OLD

    async def stand(self) -> Settings:
        """A name that leads to the old region."""
        backstage: Backstage = self.request.getfixturevalue("backstage")
        self.server = backstage.kept("names", name_server)
        self.front = DnsFront(self.server.config.address, self.server.config.port)
        address = backstage.run(backstage.stack(self.request).enter_async_context(self.front.open()))
        self.public, self.key = f"{self.name}.{ZONE}", self.home / "tsig.key"
        self.straighten()
        await self.server.lead(self.public, OLD)
        return {
            "zone": ZONE,
            "name": self.public,
            "servers": [address],
            "ttl": 1,
            "key_name": "evac-lab.",
            "key_secret": f"file://{self.key}",
            "addresses": {ACTIVE: OLD, STANDBY: NEW},
            "weights": {ACTIVE: 100 * (self._leads == OLD), STANDBY: 100 * (self._leads == NEW)},
            "before": [ACTIVE],
        }

    async def effect(self) -> Any:
        """Where it leads."""
        return await self.server.addresses(self.public)

    async def absent(self, settings: Settings) -> Settings:
        """A name of a zone that the server does not serve."""
        return {**settings, "zone": "other.example.", "name": f"{self.name}.other.example."}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has led it elsewhere."""
        await self.server.lead(self.public, THIRD)
        return settings

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """By the name server's own answers."""
        self.front.bends.append(Bend(match, mode, times))

    def straighten(self) -> None:
        """As it is."""
        self.front.bends.clear()
        self.key.write_text(self.server.secret)

    def changes(self) -> int:
        """How many updates have come."""
        return self.front.changes


class CutOverRfc2136(_Name):
    """To the new region."""

    uses = "cut_over.rfc2136"
    _leads = NEW
    once = True
    cannot = {"expired": "a TSIG key has no end"}

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """Denied by another key."""
        if mode == "deny":
            self.key.write_text(base64.b64encode(os.urandom(32)).decode())
        else:
            super().bend(mode, match, times)


class DetectRfc2136(_Name):
    """A look at it."""

    uses = "detect.rfc2136"

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has removed it."""
        await self.server.lead(self.public)
        return settings


class VerifyDns(_Name):
    """All servers agree that it leads where it is to lead."""

    uses = "verify.dns"
