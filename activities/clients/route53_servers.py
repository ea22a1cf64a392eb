"""What the name servers themselves say of a public name in Route 53: the proof that needs no control plane."""

import asyncio
import socket
from collections.abc import Iterable
from typing import NamedTuple

import dns.rrset

from activities.clients.dns import lookup
from activities.clients.route53_sets import Route53Name, canonical_name, canonical_value
from activities.errors import StepError
from runbooks.steps import ErrorType

_PORT = 53


class Said(NamedTuple):
    """Which servers answer as they should, what the others answer, and why the silent ones are silent."""

    good: dict[str, str]
    wrong: dict[str, str]
    silent: dict[str, str]

    def all(self) -> dict[str, str]:
        """Every server's words."""
        return {**self.good, **self.wrong, **self.silent}


async def ask_servers(settings: Route53Name, servers: Iterable[str], serving: Iterable[str]) -> Said:
    """Ask each server once. Weighted answers differ from time to time: each must be one of those regions'."""
    regions = tuple(serving)
    asked = tuple(servers)
    answers = await asyncio.gather(*(_ask(settings, server, regions) for server in asked))
    said = Said({}, {}, {})
    for server, (answer, good) in zip(asked, answers, strict=True):
        (said.silent if good is None else said.good if good else said.wrong)[server] = answer
    return said


async def _ask(settings: Route53Name, server: str, regions: tuple[str, ...]) -> tuple[str, bool | None]:
    try:
        found = _values(settings.type, await lookup(server, settings.name, settings.type, settings.timeout))
        literal, resolved = await _expected(settings, server, regions)
    except StepError as error:
        return error.sentence, None
    # The addresses of an AWS resource change, and an answer holds some of them: one that is known is proof enough.
    good = bool(found) and (found <= literal or bool(found & resolved))
    return ", ".join(sorted(found)) or "nothing", good


async def _expected(settings: Route53Name, server: str, regions: tuple[str, ...]) -> tuple[set[str], set[str]]:
    literal: set[str] = set()
    resolved: set[str] = set()
    for region in regions:
        place = settings.place(region)
        if place.alias_zone is None:
            literal |= {canonical_value(settings.type, value) for value in place.to}
        elif place.alias_zone == settings.zone_id:
            there = await lookup(server, canonical_name(place.to[0]), settings.type, settings.timeout)
            resolved |= _values(settings.type, there)
        else:
            resolved |= await _resolved(settings, place.to[0])
    return literal, resolved


async def _resolved(settings: Route53Name, name: str) -> set[str]:
    """What the machine's own resolver says."""
    family = socket.AF_INET6 if settings.type == "AAAA" else socket.AF_INET
    try:
        async with asyncio.timeout(settings.timeout):
            found = await asyncio.get_running_loop().getaddrinfo(name.rstrip("."), None, family=family)
    except (OSError, TimeoutError):
        raise StepError(
            ErrorType.UNREACHABLE, f"The alias {name} cannot be resolved by this worker: look at its resolver."
        ) from None
    return {str(each[4][0]) for each in found}


def _values(kind: str, found: dns.rrset.RRset | None) -> set[str]:
    return {canonical_value(kind, str(record)) for record in found or ()}
