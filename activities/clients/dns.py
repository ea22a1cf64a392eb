"""Questions and updates put directly to authoritative DNS servers: UDP, TCP when the answer is cut, TSIG.

The UDP socket is connected, so that a server that is down is known at once (the kernel reports the refusal);
dnspython's own socket would wait out its whole bound.
"""

import asyncio
import ipaddress
import socket
from contextlib import suppress

import dns.asyncbackend
import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.tsig

from activities.errors import StepError
from runbooks.steps import ErrorType
from runbooks.values import Model

Answer = dns.message.Message

dns.asyncbackend.get_backend("asyncio")  # imported here, and not within the bound of the first question
_TRIES = 3
_PORT = 53


class Resolver(Model):
    """Ask these servers, in order, for the address of `name`."""

    servers: tuple[str, ...]
    name: str


async def exchange(message: dns.message.Message, server: str, within: float, *, tcp: bool = False) -> Answer:
    """One message, one answer. Raises StepError: unreachable, or denied when a signature is refused.

    An update goes by TCP: UDP repeats what got no answer, and the repetition of an update that did arrive would
    fail its own prerequisites.
    """
    try:
        async with asyncio.timeout(within):
            host, port = await _address(server)
            if tcp:
                return await dns.asyncquery.tcp(message, host, timeout=within, port=port)
            return await _by_udp(message, host, port, within)
    except (TimeoutError, dns.exception.Timeout):
        raise _unreachable(server, f"gave no answer within {within:g} s") from None
    except dns.tsig.PeerBadTime:
        raise _denied(server, "the clocks of this worker and the server differ: correct them") from None
    except (dns.tsig.PeerError, dns.tsig.BadSignature, dns.tsig.BadKey) as error:
        raise _denied(server, f"the key or its secret is wrong ({type(error).__name__}): check them") from None
    except ConnectionRefusedError:
        raise _unreachable(server, "refuses: nothing listens there") from None
    except (OSError, EOFError) as error:
        raise _unreachable(server, f"cannot be reached ({type(error).__name__})") from None
    except dns.exception.DNSException as error:
        raise _unreachable(server, f"answers something that cannot be read ({type(error).__name__})") from None


async def _by_udp(message: dns.message.Message, host: str, port: int, within: float) -> Answer:
    for _ in range(_TRIES - 1):
        with suppress(dns.exception.Timeout):
            return await _ask_once(message, host, port, within / _TRIES)
    return await _ask_once(message, host, port, within / _TRIES)


async def _ask_once(message: dns.message.Message, host: str, port: int, within: float) -> Answer:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    backend = dns.asyncbackend.get_backend("asyncio")
    line = await backend.make_socket(  # type: ignore[no-untyped-call]  # dnspython annotates only part of itself
        family, socket.SOCK_DGRAM, 0, None, (host, port)
    )
    async with line:
        answer, _ = await dns.asyncquery.udp_with_fallback(message, host, timeout=within, port=port, udp_sock=line)
    return answer


async def lookup(server: str, name: str, kind: str, within: float) -> dns.rrset.RRset | None:
    """The authoritative record set, or None when there is none. Raises StepError."""
    question = dns.message.make_query(name, kind)
    question.flags &= ~dns.flags.RD
    answer = await exchange(question, server, within)
    code = answer.rcode()
    if code == dns.rcode.REFUSED or (code == dns.rcode.NOERROR and not answer.flags & dns.flags.AA):
        raise StepError(
            ErrorType.NOT_FOUND,
            f"The DNS server {server} does not serve the zone of {name}, or not to this worker: check `servers`.",
        )
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        raise StepError(ErrorType.BUSY, f"The DNS server {server} answers {dns.rcode.to_text(code)} for {name}.")
    if kind != "CNAME" and any(rrset.rdtype == dns.rdatatype.CNAME for rrset in answer.answer):
        raise StepError(
            ErrorType.WRONG_STATE, f"{name} is an alias (CNAME) at {server}: it must have addresses of its own."
        )
    found = [rrset for rrset in answer.answer if rrset.rdtype == dns.rdatatype.from_text(kind)]
    return found[0] if found else None


async def addresses(server: str, name: str, within: float) -> tuple[str, ...]:
    """All addresses of a name, IPv4 and IPv6, sorted. Raises StepError."""
    found = await asyncio.gather(*(lookup(server, name, kind, within) for kind in ("A", "AAAA")))
    return tuple(sorted(str(record) for rrset in found if rrset is not None for record in rrset))


async def resolve_host(resolver: Resolver, host: str, within: float) -> str:
    """The address that the first server to answer gives. `host` must be the resolver's name. Raises StepError."""
    if host.rstrip(".").lower() != resolver.name.rstrip(".").lower():
        raise StepError(
            ErrorType.BAD_SETTINGS,
            f"The URL's host is {host}, but `resolve` names the servers of {resolver.name}: make them the same.",
        )
    why = StepError(ErrorType.BAD_SETTINGS, f"No DNS servers are given for {resolver.name}.")
    share = within / max(1, len(resolver.servers))
    for server in resolver.servers:
        try:
            found = await addresses(server, host, share)
        except StepError as error:
            why = error
            continue
        if found:
            return found[0]
        why = StepError(ErrorType.NOT_YET, f"The DNS server {server} has no address for {host}.")
    raise why


async def _address(server: str) -> tuple[str, int]:
    host, separator, port = server.rpartition(":")
    if not separator or not port.isdigit():
        host, port = server, str(_PORT)
    host = host.strip("[]")
    try:
        return str(ipaddress.ip_address(host)), int(port)
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(host, int(port), type=socket.SOCK_DGRAM)
        return str(found[0][4][0]), int(port)


def _unreachable(server: str, words: str) -> StepError:
    return StepError(ErrorType.UNREACHABLE, f"The DNS server {server} {words}.")


def _denied(server: str, words: str) -> StepError:
    return StepError(ErrorType.DENIED, f"The DNS server {server} refuses the signature: {words}.")
