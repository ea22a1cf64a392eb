"""What a DNS server of the lab is told, and the interface that both of them have.

Two modules serve the same configuration: `lab.dns_server` (our own, always there) and `lab.bind` (BIND's `named`,
where it is installed). Each offers

    available() -> str | None                     the sentence why it cannot be used here, or None
    program(config, home, user=None) -> Program   writes what the server needs into `home` (which Must exist, and be
                                                  reachable for `user`), and says how to start it

Whoever starts it runs `Program.argv` with `Program.env` on top of the environment, as `Program.user`, and asks
`answers(config)` until it is true. SIGTERM stops it; started again with the same `home`, it still has every update.
"""

from pathlib import Path
from typing import Literal

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.tsig
import dns.zone
from pydantic import Field

from lab.program import Config

SOA_TIMES = "60 10 600 5"
"""Refresh, retry, expire, and how long 'no such name' may be kept: short, since regions move in seconds here."""


class DnsRecord(Config):
    """One record: `name` relative to the zone (`@` is the zone itself), `value` as a zone file writes it."""

    name: str
    type: Literal["A", "AAAA", "TXT", "NS", "CNAME"] = "A"
    value: str
    ttl: int = Field(default=5, ge=0)


class DnsKey(Config):
    """The TSIG key that signs updates; the secret (base64) is read from the file."""

    name: str
    algorithm: Literal["hmac-sha256", "hmac-sha384", "hmac-sha512"] = "hmac-sha256"
    secret_file: Path

    def tsig_key(self) -> dns.tsig.Key:
        """The key itself. Raises OSError when the file cannot be read."""
        return dns.tsig.Key(self.name, self.secret_file.read_text().strip(), self.algorithm)


class DnsConfig(Config):
    """One authoritative server of one zone. What is in `zone_file` (BIND: in its own folder) wins over `records`."""

    address: str
    port: int = Field(ge=1, le=65535)
    zone: str
    records: tuple[DnsRecord, ...] = ()
    key: DnsKey
    zone_file: Path

    @property
    def origin(self) -> dns.name.Name:
        """The zone's name, absolute."""
        return dns.name.from_text(self.zone)


def first_zone(config: DnsConfig) -> str:
    """The zone as it is before any update, in the form of a zone file: an SOA, a name server, and the records."""
    lines = [f"$ORIGIN {config.origin}", "$TTL 5", f"@ IN SOA ns hostmaster 1 {SOA_TIMES}"]
    if not any(record.type == "NS" and record.name == "@" for record in config.records):
        lines += ["@ IN NS ns", f"ns IN {'AAAA' if ':' in config.address else 'A'} {config.address}"]
    lines += [f"{record.name} {record.ttl} IN {record.type} {_value(record)}" for record in config.records]
    return "\n".join(lines) + "\n"


def _value(record: DnsRecord) -> str:
    if record.type != "TXT" or record.value.startswith('"'):
        return record.value
    escaped = record.value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


async def answers(config: DnsConfig, within: float = 0.2) -> bool:
    """Whether the server answers with authority for its zone now."""
    query = dns.message.make_query(config.origin, dns.rdatatype.SOA)
    try:
        # Over TCP, since a port where nobody listens refuses at once there and is silent over UDP.
        answer = await dns.asyncquery.tcp(query, config.address, timeout=within, port=config.port)
    except (OSError, dns.exception.DNSException, EOFError):
        return False
    return answer.rcode() == dns.rcode.NOERROR and bool(answer.flags & dns.flags.AA)
