"""Where Temporal itself is: what drives the recovery must not be in the region that is left."""

import ipaddress
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from pydantic import JsonValue

from runbooks.models import Runbook
from triggers.doctor.findings import Case, Finding, aside, bad, ok, unknown
from worker.connect import CannotReachTemporalError, connection

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]+")
_OUTSIDE = frozenset({"power"})
"""Settings that name what is outside the region on purpose."""


async def temporals_region(case: Case) -> list[Finding]:
    """Temporal's address against those of each region."""
    try:
        host = host_of(str(connection(case.settings)["target_host"]))
    except CannotReachTemporalError:  # that is said by who tries to reach it
        return []
    if not case.books:
        return []
    addresses = await _addresses(host)
    if not addresses:
        return [unknown("place", f"Where {host} is cannot be told: its name is not resolved here.")]
    if all(ipaddress.ip_address(address).is_loopback for address in addresses):
        told = "Temporal is on this machine: whether it outlives a region cannot be told from its address."
        return [unknown("place", told, "Run it, and this machine, outside of the regions that are to be left.")]
    found = []
    for book in case.books:
        for region in book.runbook.regions:
            why = await _why_there(host, addresses, book.runbook, region)
            if why is not None:
                told = f"Temporal seems to be in {region}, a region of {book.runbook.name}: {why}."
                found.append(bad("place", told, "Run Temporal where no region takes it down: it drives the recovery."))
    return found or [ok("place", f"Nothing says that Temporal ({host}) is in a region of these runbooks.")]


def host_of(address: str) -> str:
    """The host of `host:port`, or of what follows the scheme of a URL."""
    try:
        return urlsplit(f"//{address}").hostname or address
    except ValueError:  # brackets that are none of an address
        return address


async def _why_there(host: str, addresses: set[str], book: Runbook, region: str) -> str | None:
    if re.search(rf"(^|[^a-z0-9]){re.escape(region)}([^a-z0-9]|$)", host.lower()):
        return f"its name is {host}"
    for theirs in sorted(set(_hosts(book, region))):
        shared = {theirs} & {host} or (await _addresses(theirs)) & addresses
        if shared:
            return f"it shares the address {min(shared)} with {theirs}"
    return None


def _hosts(book: Runbook, region: str) -> Iterator[str]:
    """Every host that the runbook names for that region alone."""
    texts: list[JsonValue] = [*book.regions[region].vars.values()]
    for resource in book.resources.values():
        texts += [value for key, value in resource.settings.get(region, {}).items() if key not in _OUTSIDE]
    for text in texts:
        if isinstance(text, str) and text:
            host = host_of(text.partition("://")[2] or text)
            if _HOST.fullmatch(host) and ("." in host or ":" in host):
                yield host


async def _addresses(host: str) -> set[str]:
    def _resolve() -> set[str]:
        return {str(found[4][0]).partition("%")[0] for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}

    try:
        return await aside(_resolve)
    except (OSError, UnicodeError):
        return set()
