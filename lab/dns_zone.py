"""One zone: what it answers, and what an update makes of it (RFC 2136). No sockets, no signatures.

RefusedUpdateError    the update does not apply; `rcode` says why, and the zone is untouched
"""

from collections.abc import Iterable

import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.update
import dns.zone
from dns.rdatatype import RdataType

from lab.dns_config import DnsConfig, first_zone
from lab.program import write_durably

ANY, NONE = dns.rdataclass.ANY, dns.rdataclass.NONE
MOST_ALIASES = 8
APEX_TYPES = frozenset({dns.rdatatype.SOA, dns.rdatatype.NS})


class RefusedUpdateError(Exception):
    """The update does not apply; the zone is untouched."""

    def __init__(self, rcode: dns.rcode.Rcode, reason: str) -> None:
        self.rcode = rcode
        super().__init__(reason)


class KeptZone:
    """A zone kept in a file: an update is on disk before it is answered, so a restart keeps it."""

    def __init__(self, config: DnsConfig) -> None:
        self._file = config.zone_file
        self.origin = config.origin
        text = self._file.read_text() if self._file.exists() else first_zone(config)
        self._zone = _parse(text, self.origin)
        self._keep(self._zone)

    @property
    def soa(self) -> dns.rrset.RRset:
        """The zone's SOA record, for the authority section of negative answers."""
        return self._zone.find_rrset(self.origin, dns.rdatatype.SOA)

    @property
    def serial(self) -> int:
        """The zone's version: every update that changes something counts it up."""
        return int(self.soa[0].serial)

    def find(
        self, name: dns.name.Name, rdtype: dns.rdatatype.RdataType
    ) -> tuple[dns.rcode.Rcode, list[dns.rrset.RRset]]:
        """NOERROR and the record sets of that type (none: no such data), or NXDOMAIN. Sets are given whole.

        An alias (CNAME) is given, and followed inside the zone.
        """
        found: list[dns.rrset.RRset] = []
        for _ in range(MOST_ALIASES):
            node = self._zone.get_node(name)
            if node is None:
                # A name with names below it exists, although it has no data.
                below = any(known.is_subdomain(name) for known in self._zone)
                return (dns.rcode.NOERROR if below else dns.rcode.NXDOMAIN), found
            alias = node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.CNAME)
            if alias is None or rdtype in (dns.rdatatype.CNAME, dns.rdatatype.ANY):
                matching = [r for r in node if rdtype in (r.rdtype, dns.rdatatype.ANY)]
                return dns.rcode.NOERROR, found + [dns.rrset.from_rdata_list(name, r.ttl, list(r)) for r in matching]
            found.append(dns.rrset.from_rdata_list(name, alias.ttl, list(alias)))
            name = alias[0].target
            if not name.is_subdomain(self.origin):
                break
        return dns.rcode.NOERROR, found

    def update(self, message: dns.update.UpdateMessage) -> bool:
        """Apply the whole update or nothing, and keep it; False: nothing changed. Raises RefusedUpdateError, OSError.

        The server answers one message at a time, so prerequisites and changes are one compare-and-set.
        """
        _check_prerequisites(self._zone, message.prerequisite)
        _check_names(self.origin, message.update)
        changed = _parse(self._zone.to_text(), self.origin)
        for rrset in message.update:
            _apply(changed, rrset)
        if _same(self._zone, changed):
            return False
        _count_up(changed)
        self._keep(changed)
        self._zone = changed
        return True

    def _keep(self, zone: dns.zone.Zone) -> None:
        write_durably(self._file, zone.to_text(want_origin=True, relativize=False))


def _parse(text: str, origin: dns.name.Name) -> dns.zone.Zone:
    return dns.zone.from_text(text, origin=origin, relativize=False)


def _same(before: dns.zone.Zone, after: dns.zone.Zone) -> bool:
    # As text, since dnspython's own comparison overlooks the time to live.
    return sorted(before.to_text().splitlines()) == sorted(after.to_text().splitlines())


def _count_up(zone: dns.zone.Zone) -> None:
    assert zone.origin is not None
    with zone.writer() as writer:
        writer.update_serial(name=zone.origin)


def _check_names(origin: dns.name.Name, rrsets: Iterable[dns.rrset.RRset]) -> None:
    for rrset in rrsets:
        if not rrset.name.is_subdomain(origin):
            raise RefusedUpdateError(dns.rcode.NOTZONE, f"{rrset.name} is not in the zone {origin}")


def _check_prerequisites(zone: dns.zone.Zone, rrsets: Iterable[dns.rrset.RRset]) -> None:
    """RFC 2136 section 3.2. Records of the zone's class are gathered: each set must be there exactly."""
    assert zone.origin is not None
    exact: dict[tuple[dns.name.Name, RdataType], dns.rdataset.Rdataset] = {}
    _check_names(zone.origin, rrsets)
    for rrset in rrsets:
        if rrset.deleting is None:
            wanted = exact.setdefault((rrset.name, rrset.rdtype), dns.rdataset.Rdataset(rrset.rdclass, rrset.rdtype))
            wanted.add(rrset[0])
        else:
            _check_presence(zone, rrset)
    for (name, rdtype), wanted in exact.items():
        if zone.get_rdataset(name, rdtype) != wanted:
            raise RefusedUpdateError(dns.rcode.NXRRSET, f"{name} {rdtype.name} is not what the update expects")


def _check_presence(zone: dns.zone.Zone, rrset: dns.rrset.RRset) -> None:
    whole_name = rrset.rdtype == dns.rdatatype.ANY
    found = zone.get_node(rrset.name) if whole_name else zone.get_rdataset(rrset.name, rrset.rdtype)
    what = f"{rrset.name} {'' if whole_name else rrset.rdtype.name}".strip()
    if rrset.deleting == ANY and found is None:
        raise RefusedUpdateError(dns.rcode.NXDOMAIN if whole_name else dns.rcode.NXRRSET, f"{what} does not exist")
    if rrset.deleting == NONE and found is not None:
        raise RefusedUpdateError(dns.rcode.YXDOMAIN if whole_name else dns.rcode.YXRRSET, f"{what} exists")


def _apply(zone: dns.zone.Zone, rrset: dns.rrset.RRset) -> None:
    """RFC 2136 section 3.4.2, one record: add it, delete it, or delete a set or a name."""
    apex = rrset.name == zone.origin
    if rrset.deleting is None:
        _add(zone, rrset)
    elif rrset.deleting == ANY and rrset.rdtype == dns.rdatatype.ANY:
        for kept in list(zone.get_node(rrset.name) or ()):
            if not (apex and kept.rdtype in APEX_TYPES):
                zone.delete_rdataset(rrset.name, kept.rdtype)
    elif apex and rrset.rdtype in APEX_TYPES:
        return  # a zone without its SOA or its name servers is no zone
    elif rrset.deleting == ANY:
        zone.delete_rdataset(rrset.name, rrset.rdtype)
    else:
        _delete(zone, rrset)


def _add(zone: dns.zone.Zone, rrset: dns.rrset.RRset) -> None:
    if rrset.rdtype == dns.rdatatype.SOA:
        return  # the serial is ours to count
    node = zone.find_node(rrset.name, create=True)
    alias = rrset.rdtype == dns.rdatatype.CNAME
    if any((r.rdtype == dns.rdatatype.CNAME) != alias for r in node):
        return  # RFC 2136: an alias and other data never meet; the addition is ignored
    found = node.find_rdataset(rrset.rdclass, rrset.rdtype, create=True)
    for rdata in rrset:
        found.add(rdata)  # of an alias there is only one: the new one takes the old one's place
    found.ttl = rrset.ttl  # the newest word on a set's time to live counts, for the whole set


def _delete(zone: dns.zone.Zone, rrset: dns.rrset.RRset) -> None:
    found = zone.get_rdataset(rrset.name, rrset.rdtype)
    left = [rdata for rdata in found or () if rdata not in rrset]
    if found is not None and left:
        zone.replace_rdataset(rrset.name, dns.rdataset.from_rdata_list(found.ttl, left))
    elif found is not None:
        zone.delete_rdataset(rrset.name, rrset.rdtype)
