"""The client's own resolver: asks the authoritative servers directly, and keeps an answer for its time to live.

CannotResolveError    no server gave an address
"""

import asyncio
import time
from collections.abc import Sequence

import dns.asyncquery
import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

ASK_WITHIN = 0.5


class CannotResolveError(Exception):
    """No server gave an address."""


class Resolver:
    """One name, resolved by servers given as `host:port`; the first that answers counts."""

    def __init__(self, name: str, servers: Sequence[str]) -> None:
        self._name = dns.name.from_text(name)
        self._servers = [_endpoint(server) for server in servers]
        self._addresses: tuple[str, ...] = ()
        self._good_until = 0.0
        self._asking = asyncio.Lock()

    async def addresses(self) -> tuple[str, ...]:
        """Every address that the name leads to. Raises CannotResolveError."""
        if time.monotonic() >= self._good_until:
            async with self._asking:
                if time.monotonic() >= self._good_until:  # unless another has asked meanwhile
                    await self._ask()
        return self._addresses

    async def _ask(self) -> None:
        reasons = []
        asked_at = time.monotonic()
        for host, port in self._servers:
            query = dns.message.make_query(self._name, dns.rdatatype.A)
            try:
                answer = await dns.asyncquery.udp(query, host, timeout=ASK_WITHIN, port=port)
            except (OSError, dns.exception.DNSException) as error:
                reasons.append(f"{host}:{port}: {error}")
                continue
            found = next((rrset for rrset in answer.answer if rrset.rdtype == dns.rdatatype.A), None)
            if found is not None:
                self._addresses = tuple(rdata.to_text() for rdata in found)
                # A time to live of 0 is still an answer for all who were waiting for it.
                self._good_until = asked_at + found.ttl
                return
            reasons.append(f"{host}:{port}: {dns.rcode.to_text(answer.rcode())}, no address")
        message = f"{self._name} could not be resolved: {'; '.join(reasons)}"
        raise CannotResolveError(message)


def _endpoint(server: str) -> tuple[str, int]:
    host, _, port = server.rpartition(":")
    return host.strip("[]"), int(port)
