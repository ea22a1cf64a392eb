"""Route 53's own strictness over moto's zones: a batch is all or nothing, and deletes only exactly what is there.

moto deletes a record set of the same name and type whatever its values are, creates one that exists, and is in sync at
once (https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html).
"""

import copy
import time
import uuid
from collections.abc import Mapping
from typing import Any

from tests.aws.fake import Fake, Refusal
from tests.aws.front import backend

_ROUTING = ("Weight", "Failover", "Region", "GeoLocation", "MultiValueAnswer")


class FakeRecords(Fake):
    """Record sets, changes, and the name servers of a zone."""

    service = "route53"

    def reset(self) -> None:
        """Changes are in sync at once, and the zones have moto's name servers."""
        self._takes = 0
        self._left: dict[str, int] = {}
        self._servers: list[str] = []
        self._others: list[dict[str, Any]] = []

    def told(self, what: Mapping[str, Any]) -> Any:
        """`takes`: so many looks at a change find it pending; `servers`: the name servers of all zones.

        `meanwhile`: a batch of changes that somebody else makes just before the next one. `sets`: it answers with the
        record sets of that name and type, as its name servers know them; None when they are in no zone.
        """
        if not set(what) <= {"takes", "servers", "meanwhile", "sets"}:
            raise NotImplementedError(what)
        if "sets" in what:
            return _known(*what["sets"])
        self._takes = what.get("takes", self._takes)
        self._servers = what.get("servers", self._servers)
        self._others += [what["meanwhile"]] if "meanwhile" in what else []
        return None
        return None

    def get_hosted_zone(self, region: str, **asked: Any) -> dict[str, Any]:
        """As moto knows it."""
        del region
        zone = _zone(asked["Id"])
        servers = self._servers or zone.delegation_set.name_servers
        shown = {
            "Id": zone.id,
            "Name": zone.name,
            "CallerReference": zone.caller_reference,
            "Config": {"PrivateZone": zone.private_zone},
            "ResourceRecordSetCount": len(zone.rrsets),
        }
        return {"HostedZone": shown} | ({} if zone.private_zone else {"DelegationSet": {"NameServers": servers}})

    def change_resource_record_sets(self, region: str, **asked: Any) -> dict[str, Any]:
        """All of it or nothing."""
        del region
        zone = _zone(asked["HostedZoneId"])
        if self._others:
            _apply(zone, self._others.pop(0))
        _apply(zone, asked["ChangeBatch"]["Changes"])
        name = f"/change/C{uuid.uuid4().hex[:13].upper()}"
        self._left[name] = self._takes
        return {"ChangeInfo": {"Id": name, "Status": "PENDING", "SubmittedAt": time.time()}}

    def get_change(self, region: str, **asked: Any) -> dict[str, Any]:
        """PENDING as long as it takes."""
        del region
        name = f"/change/{asked['Id'].removeprefix('/change/')}"
        if name not in self._left:
            code = "NoSuchChange"
            raise Refusal(code, f"Could not find resource with ID: {name}")
        pending, self._left[name] = self._left[name] > 0, self._left[name] - 1
        shown = {"Id": name, "Status": "PENDING" if pending else "INSYNC", "SubmittedAt": time.time()}
        return {"ChangeInfo": shown}


def _known(name: str, kind: str) -> list[dict[str, Any]] | None:
    zones = backend("route53", "aws").zones.values()
    zone = next((each for each in zones if f".{name}".endswith(f".{each.name}")), None)
    if zone is None:
        return None
    return [_shown(each) for each in zone.rrsets if (each.name, each.type) == (name, kind)]


def _zone(name: str) -> Any:
    zones = backend("route53", "aws").zones
    found = zones.get(name.rpartition("/")[2])
    if found is None:
        code, message = "NoSuchHostedZone", f"No hosted zone found with ID: {name}"
        raise Refusal(code, message)
    return found


def _apply(zone: Any, changes: list[dict[str, Any]]) -> None:
    """On a copy, which takes the zone's place when everything went well."""
    kept = zone.rrsets
    zone.rrsets = copy.copy(kept)
    faults = []
    for change in changes:
        fault = _one(zone, change["Action"], copy.deepcopy(change["ResourceRecordSet"]))
        faults += [fault] if fault else []
    if faults:
        zone.rrsets = kept
        code = "InvalidChangeBatch"
        raise Refusal(code, f"[{', '.join(faults)}]")


def _one(zone: Any, action: str, record: dict[str, Any]) -> str | None:
    """Do it, or say why not."""
    record["Name"] = f"{record['Name'].rstrip('.').lower()}."
    what = f"[name='{record['Name']}', type='{record['Type']}'" + (
        f", set-identifier='{record['SetIdentifier']}']" if record.get("SetIdentifier") else "]"
    )
    if not record["Name"].endswith(f".{zone.name}") and record["Name"] != zone.name:
        return f"RRSet with DNS name {record['Name']} is not permitted in zone {zone.name}"
    if not record.get("AliasTarget") and not (record.get("ResourceRecords") and "TTL" in record):
        return f"Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]] in {what}"
    if bool(record.get("SetIdentifier")) != any(key in record for key in _ROUTING):
        return f"Missing or needless SetIdentifier in {what}"
    found = next((each for each in zone.rrsets if _key(_shown(each)) == _key(record)), None)
    if action == "DELETE" and found is None:
        return f"Tried to delete resource record set {what} but it was not found"
    if action == "DELETE" and _plain(_shown(found)) != _plain(record):
        return f"Tried to delete resource record set {what} but the values provided do not match the current values"
    if action == "CREATE" and found is not None:
        return f"Tried to create resource record set {what} but it already exists"
    if found is not None:
        zone.rrsets.remove(found)
    return None if action == "DELETE" else _add(zone, record, what)


def _add(zone: Any, record: dict[str, Any], what: str) -> str | None:
    beside = [_shown(each) for each in zone.rrsets if each.name == record["Name"]]
    if any("CNAME" in (each["Type"], record["Type"]) and each["Type"] != record["Type"] for each in beside):
        return f"RRSet of type {record['Type']} with DNS name {record['Name']} is not permitted as it conflicts"
    alike = [each for each in beside if each["Type"] == record["Type"]]
    if any(_routing(each) != _routing(record) for each in alike):
        return f"RRSet with DNS name {record['Name']} and type {record['Type']} cannot mix its routing: {what}"
    if record.get("Failover") in [each.get("Failover") for each in alike if each.get("Failover")]:
        return f"{what} cannot be created, as there is another {record['Failover']} already"
    if record.get("HealthCheckId") and record["HealthCheckId"] not in backend("route53", "aws").health_checks:
        return f"The specified health check {record['HealthCheckId']} does not exist"
    record["ResourceRecords"] = [each["Value"] for each in record.get("ResourceRecords") or ()]
    zone.add_rrset(record)
    return None


def _routing(record: Mapping[str, Any]) -> str | None:
    return next((key for key in _ROUTING if record.get(key) is not None), None)


def _key(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return (record["Name"], record["Type"], record.get("SetIdentifier"))


def _shown(record: Any) -> dict[str, Any]:
    """Moto's record set as Route 53 shows it."""
    return {
        "Name": record.name,
        "Type": record.type,
        "TTL": record.ttl,
        "ResourceRecords": record.resource_records,
        "AliasTarget": record.alias_target,
        "SetIdentifier": record.set_identifier,
        "Weight": record.weight,
        "Failover": record.failover,
        "Region": record.region,
        "GeoLocation": record.geo_location,
        "MultiValueAnswer": record.multi_value_answer,
        "HealthCheckId": record.health_check_id,
    }


def _plain(record: Mapping[str, Any]) -> str:
    kept = {key: value for key, value in record.items() if value not in (None, [], {})}
    if "ResourceRecords" in kept:
        kept["ResourceRecords"] = sorted(each["Value"] for each in kept["ResourceRecords"])
    return repr(sorted(kept.items()))
