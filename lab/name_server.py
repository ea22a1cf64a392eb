"""The lab's name server: ours or BIND, with the public name leading to the active regions at first."""

from lab import bind, dns_server
from lab.dns_config import DnsConfig, DnsKey, DnsRecord
from lab.errors import MissingPartError
from lab.program import Program
from lab.topology import OUTSIDE, PUBLIC_TTL, Lab


def config(lab: Lab) -> DnsConfig:
    """What the name server of this lab is told."""
    name = lab.public_name.removesuffix(f".{lab.zone}")
    return DnsConfig(
        address=lab.dns_address,
        port=lab.dns_port,
        zone=lab.zone,
        records=tuple(DnsRecord(name=name, value=region.edge, ttl=PUBLIC_TTL) for region in lab.serving),
        key=DnsKey(name=lab.tsig_key, secret_file=lab.secret("tsig.key")),
        # Beside the databases: BIND runs as their user, who may be unable to enter the lab's folder.
        zone_file=lab.data / OUTSIDE / "zone",
    )


def program(lab: Lab) -> Program:
    """Write the server's files, and say how to start it. Raises MissingPartError."""
    available, prepare = (
        (bind.available, bind.program) if lab.dns == "bind" else (dns_server.available, dns_server.program)
    )
    if (reason := available()) is not None:
        message = f"{reason}. Install it, or use --dns dnspython."
        raise MissingPartError(message)
    folder = lab.data / OUTSIDE
    folder.mkdir(parents=True, exist_ok=True)
    # Only BIND changes its user: ours must read the key's file, which is ours alone.
    return prepare(config(lab), folder, lab.postgres_user if lab.dns == "bind" else None)
