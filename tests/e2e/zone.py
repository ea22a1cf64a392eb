"""A zone at a DNS provider: the server that takes its signed updates, and a second one that answers the same."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import dns.message
import dns.query
import dns.rcode

from lab.dns_config import DnsConfig
from tests import names
from tests.conformance.specimens.lab_names import NameServer, name_server


class _Second(names.NameServer):
    """What the first one says, as after a transfer that takes no time."""

    def __init__(self, first: DnsConfig) -> None:
        super().__init__()
        self._first = first

    def values(self, name: str, kind: str) -> list[str] | None:
        """As the first one answers now."""
        question = dns.message.make_query(name, kind)
        answer = dns.query.tcp(question, self._first.address, timeout=5, port=self._first.port)
        if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            return None
        return [str(record) for rrset in answer.answer for record in rrset]


@dataclass(frozen=True)
class Zone:
    """`servers`: both, as `host:port`."""

    first: NameServer
    servers: tuple[str, str]


@asynccontextmanager
async def zone(home: Path, origin: str, name: str, address: str) -> AsyncIterator[Zone]:
    """Both servers, and the name leads to that address."""
    async with name_server(home, origin) as first:
        await first.lead(name, address)
        with names.serving(second := _Second(first.config)):
            yield Zone(first, (f"{first.config.address}:{first.config.port}", second.address))
