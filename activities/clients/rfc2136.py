"""A public name in a zone that takes signed dynamic updates: its records, read, and replaced by compare-and-set.

Beside the addresses stands a TXT record `_evac.<name>` with the epoch of the decision that wrote them, so that
an older decision that comes late is refused. Both are replaced in one update, under the condition that
everything is still as it was read.
"""

import asyncio
import binascii
import ipaddress
import re
from collections.abc import Iterable
from typing import Annotated, Literal

import dns.message
import dns.name
import dns.rcode
import dns.rdataset
import dns.tsig
import dns.update
from pydantic import AfterValidator, Field

from activities.acting import View
from activities.clients.dns import exchange, lookup
from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType
from runbooks.values import Model, Seconds, SecretRef

_EPOCH = re.compile(r"epoch=(\d+)")
_NOT_AS_READ = frozenset({dns.rcode.YXDOMAIN, dns.rcode.YXRRSET, dns.rcode.NXRRSET, dns.rcode.NXDOMAIN})
_DENIED = frozenset({dns.rcode.REFUSED, dns.rcode.NOTAUTH})

Address = Annotated[str, AfterValidator(lambda value: str(ipaddress.ip_address(value)))]


class NameSettings(Model):
    """The settings of a `kind: rfc2136` resource in all its regions together."""

    zone: str
    name: str
    servers: tuple[str, ...] = Field(min_length=1)
    """The first one takes the updates."""
    ttl: int = Field(default=5, ge=0)
    key_name: str
    key_algorithm: Literal["hmac-sha256", "hmac-sha384", "hmac-sha512"] = "hmac-sha256"
    key_secret: SecretRef
    timeout: Seconds = 1.0
    addresses: dict[str, Address]
    """Each region's address."""
    weights: dict[str, int] = {}
    """Each region's share of the traffic; those with any are what the name is to lead to, in equal parts."""
    before: tuple[str, ...] | None = None
    """Where the name led at planning; None: do not ask."""

    def addresses_of(self, regions: Iterable[str]) -> tuple[str, ...]:
        """The addresses of those regions, sorted. Raises StepError for a region without one."""
        try:
            return tuple(sorted({self.addresses[region] for region in regions}))
        except KeyError as error:
            raise StepError(
                ErrorType.BAD_SETTINGS, f"The region {error.args[0]} has no address for {self.name}: give it one."
            ) from None

    @property
    def wanted(self) -> tuple[str, ...]:
        """What the name is to lead to. Raises StepError rather than be empty: that would take the system away."""
        addresses = self.addresses_of(region for region, weight in self.weights.items() if weight > 0)
        if not addresses:
            raise StepError(
                ErrorType.BAD_SETTINGS,
                f"No region has any weight, so {self.name} would lead nowhere: give one region a weight above 0.",
            )
        return addresses

    @property
    def epoch_name(self) -> str:
        """Where the epoch is kept."""
        return f"_evac.{self.name}"


class NameState(View):
    """What one server says of the name."""

    addresses: tuple[str, ...]
    ttl: int = 0
    epoch: int | None = None
    texts: tuple[str, ...] = ()
    """The TXT records of the epoch's name as they are, for the next update's condition."""


async def read_name(settings: NameSettings, server: str) -> NameState:
    """Addresses and epoch, from one authoritative server. Raises StepError."""
    four, six, text = await asyncio.gather(
        lookup(server, settings.name, "A", settings.timeout),
        lookup(server, settings.name, "AAAA", settings.timeout),
        lookup(server, settings.epoch_name, "TXT", settings.timeout),
    )
    found = [rrset for rrset in (four, six) if rrset is not None]
    texts = tuple(sorted(str(record) for record in text or ()))
    epoch = _EPOCH.search(" ".join(texts))
    return NameState(
        addresses=tuple(sorted(str(record) for rrset in found for record in rrset)),
        ttl=min((rrset.ttl for rrset in found), default=0),
        epoch=int(epoch[1]) if epoch else None,
        texts=texts,
    )


async def replace_name(job: Job[NameSettings], seen: NameState, wanted: tuple[str, ...]) -> None:
    """Lead the name to these addresses, if all is still as seen. Raises StepError: conflict, denied, unreachable."""
    settings = job.settings
    server = settings.servers[0]
    update = dns.update.UpdateMessage(settings.zone, keyring=_key(job))
    _swap(update, (settings.name, "A"), _family(seen.addresses, 4), _family(wanted, 4), settings.ttl)
    _swap(update, (settings.name, "AAAA"), _family(seen.addresses, 6), _family(wanted, 6), settings.ttl)
    _swap(update, (settings.epoch_name, "TXT"), seen.texts, (f'"epoch={job.call.epoch}"',), settings.ttl)
    code = (await exchange(update, server, settings.timeout, tcp=True)).rcode()
    if code == dns.rcode.NOERROR:
        return
    if code in _NOT_AS_READ:
        raise StepError(ErrorType.CONFLICT, f"{settings.name} was changed by somebody else meanwhile: look again.")
    if code in _DENIED:
        raise _refused(settings, code)
    said = dns.rcode.to_text(code)
    raise StepError(ErrorType.BUSY, f"The DNS server {server} could not make the update ({said}): see its log.")


async def prove_key(job: Job[NameSettings]) -> None:
    """Ask the server that takes the updates a signed question: it refuses a wrong key. Raises StepError.

    It changes nothing, and tells nothing of whether the key may update: only an update could.
    """
    settings = job.settings
    question = dns.message.make_query(settings.zone, "SOA")
    question.use_tsig(_key(job))
    code = (await exchange(question, settings.servers[0], settings.timeout)).rcode()
    if code in _DENIED:
        raise _refused(settings, code)


def _refused(settings: NameSettings, code: dns.rcode.Rcode) -> StepError:
    advice = f"check that the key {settings.key_name} may update {settings.zone}"
    said = f"The DNS server {settings.servers[0]} refuses the key ({dns.rcode.to_text(code)})"
    return StepError(ErrorType.DENIED, f"{said}: {advice}.")


def _key(job: Job[NameSettings]) -> dns.tsig.Key:
    settings = job.settings
    try:
        return dns.tsig.Key(settings.key_name, job.secrets.reveal(settings.key_secret), settings.key_algorithm)
    except (binascii.Error, ValueError):
        raise StepError(
            ErrorType.BAD_SETTINGS, f"The secret {settings.key_secret} is not base64, as a TSIG secret must be."
        ) from None


def _family(addresses: Iterable[str], version: int) -> tuple[str, ...]:
    return tuple(address for address in addresses if ipaddress.ip_address(address).version == version)


def _swap(
    update: dns.update.UpdateMessage, record: tuple[str, str], before: tuple[str, ...], after: tuple[str, ...], ttl: int
) -> None:
    """Replace one record set, a name and a type, under the condition that it is exactly `before`."""
    owner, kind = dns.name.from_text(record[0]), record[1]
    if before:
        update.present(owner, dns.rdataset.from_text_list("IN", kind, 0, before))
    else:
        update.absent(owner, kind)
    if after:
        update.replace(owner, dns.rdataset.from_text_list("IN", kind, ttl, after))
    elif before:
        update.delete(owner, kind)
