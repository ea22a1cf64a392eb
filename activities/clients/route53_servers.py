"""What the name servers of a zone in Route 53 are to say: its records', and of an alias what its target has."""

import asyncio
import socket
from collections.abc import Iterable

from activities.clients.dns import lookup
from activities.clients.name_servers import Expect, Right, canonical_name, canonical_value, values_of
from activities.clients.route53_sets import Route53Name
from activities.errors import StepError
from runbooks.steps import ErrorType


def expecting(settings: Route53Name, serving: Iterable[str]) -> Expect:
    """The right answers of each server, when the name leads to those regions."""
    regions = tuple(serving)

    async def expect(server: str) -> Right:
        return await _right(settings, server, regions)

    return expect


async def _right(settings: Route53Name, server: str, regions: tuple[str, ...]) -> Right:
    literal: frozenset[str] = frozenset()
    resolved: frozenset[str] = frozenset()
    for region in regions:
        place = settings.place(region)
        if place.alias_zone is None:
            literal |= {canonical_value(settings.type, value) for value in place.to}
        elif place.alias_zone == settings.zone_id:
            there = await lookup(server, canonical_name(place.to[0]), settings.type, settings.timeout)
            resolved |= values_of(settings.type, there)
        else:
            resolved |= await _resolved(settings, place.to[0])
    return Right(literal, resolved)


async def _resolved(settings: Route53Name, name: str) -> frozenset[str]:
    """What the machine's own resolver says."""
    family = socket.AF_INET6 if settings.type == "AAAA" else socket.AF_INET
    try:
        async with asyncio.timeout(settings.timeout):
            found = await asyncio.get_running_loop().getaddrinfo(name.rstrip("."), None, family=family)
    except (OSError, TimeoutError):
        raise StepError(
            ErrorType.UNREACHABLE, f"The alias {name} cannot be resolved by this worker: look at its resolver."
        ) from None
    return frozenset(str(each[4][0]) for each in found)
