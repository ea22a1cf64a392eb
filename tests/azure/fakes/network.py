"""DNS zones and Traffic Manager profiles.

https://learn.microsoft.com/rest/api/dns, https://learn.microsoft.com/rest/api/trafficmanager
"""

import ipaddress
from typing import Any

from tests.azure.arm import Answer, Arm, Asked, Body, Provider, Refusal, Serve

_RECORDS = {"A": "ARecords", "AAAA": "AAAARecords", "CNAME": "CNAMERecord"}
_PROFILE = {
    "profileStatus",
    "trafficRoutingMethod",
    "dnsConfig",
    "monitorConfig",
    "endpoints",
    "trafficViewEnrollmentStatus",
    "maxReturn",
    "provisioningState",
}


class Network(Provider):
    """Record sets have ETags, profiles have none. An endpoint that is enabled is probed, and found well or not."""

    namespace = "Microsoft.Network"
    versions = frozenset({"2018-05-01", "2026-09-01"})

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nothing comes between, and every endpoint answers."""
        self.meanwhile: list[Any] = []
        """What somebody else does just before the next write: functions."""
        self.before_looks: list[Any] = []
        """What somebody does just before each of the next looks at a profile."""
        self.dead: set[str] = set()
        """The endpoints that do not answer the probes of Traffic Manager."""
        self.probes = 1
        """How many looks find an endpoint `CheckingEndpoint` before its state is known."""

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Zones, record sets of three types, profiles."""
        found: dict[tuple[str, str], Serve] = {
            ("GET", "dnsZones/*"): self._get,
            ("GET", "trafficmanagerprofiles/*"): self._profile,
            ("PUT", "trafficmanagerprofiles/*"): self._put_profile,
        }
        for kind in _RECORDS:
            found["GET", f"dnsZones/*/{kind}/*"] = self._record
            found["PUT", f"dnsZones/*/{kind}/*"] = self._put_record
        return found

    @staticmethod
    def _get(arm: Arm, asked: Asked) -> Answer:
        return Answer(200, arm.must(asked))

    # --- record sets

    @staticmethod
    def _zone(arm: Arm, asked: Asked) -> Body:
        return arm.must(asked, "/".join(asked.path.split("/")[:-2]))

    def _record(self, arm: Arm, asked: Asked) -> Answer:
        self._zone(arm, asked)
        found = arm.resources.get(asked.path.lower())
        if found is None:
            message = f"The resource record '{asked.names[-1]}' does not exist in resource group."
            raise Refusal(404, "NotFound", message)
        return Answer(200, found)

    def _put_record(self, arm: Arm, asked: Asked) -> Answer:
        _next(self.meanwhile)
        zone, kind = self._zone(arm, asked), asked.types[-1]
        properties = _record_of(kind, asked.body)
        found = arm.resources.get(asked.path.lower())
        if found is None:
            if "if-match" in asked.headers:
                raise Refusal(412, "PreconditionFailed", "The condition specified in the ETag header is not satisfied.")
            arm.put(asked.path, {"properties": properties, "type": f"Microsoft.Network/dnszones/{kind}"})
            return Answer(201, arm.resource(asked.path))
        arm.matched(asked, found)
        name = "" if asked.names[-1] == "@" else f"{asked.names[-1]}."
        found["properties"] = {**properties, "fqdn": f"{name}{zone['name']}.", "provisioningState": "Succeeded"}
        arm.touch(found)
        return Answer(200, found)

    # --- profiles

    def _profile(self, arm: Arm, asked: Asked) -> Answer:
        _next(self.before_looks)
        found = arm.must(asked)
        for each in found["properties"]["endpoints"]:
            self._probe(each["properties"], each["name"])
        return Answer(200, _without_etag(found))

    def _probe(self, endpoint: Body, name: str) -> None:
        if endpoint["endpointStatus"] == "Disabled":
            endpoint["endpointMonitorStatus"] = "Disabled"
        elif endpoint.get("endpointMonitorStatus") == "Disabled":
            endpoint["endpointMonitorStatus"], endpoint["looks"] = "CheckingEndpoint", self.probes
        elif endpoint.get("looks", 0) > 0:
            endpoint["looks"] -= 1
        else:
            endpoint["endpointMonitorStatus"] = "Degraded" if name in self.dead else "Online"

    def _put_profile(self, arm: Arm, asked: Asked) -> Answer:
        _next(self.meanwhile)
        found = arm.must(asked)
        properties = _profile_of(asked.body)
        known = {each["name"]: each["properties"] for each in found["properties"]["endpoints"]}
        for each in properties["endpoints"]:
            seen = known.get(each["name"], {})
            kept = {key: seen[key] for key in ("endpointMonitorStatus", "looks") if key in seen}
            each["properties"] = {**each["properties"], **kept}
        found["properties"], found["tags"] = properties, asked.body.get("tags", {})
        return Answer(200, _without_etag(found))


def _next(happenings: list[Any]) -> None:
    if happenings:
        happenings.pop(0)()


def _record_of(kind: str, body: Body) -> Body:
    """The properties of a record set as they are kept. Raises Refusal."""
    if set(body) - {"properties", "etag", "id", "name", "type"}:
        raise Refusal(400, "BadRequest", "The request body has members that no record set has.")
    properties = body.get("properties", {})
    unknown = set(properties) - {"TTL", "metadata", "targetResource", _RECORDS[kind]}
    if unknown:
        raise Refusal(400, "BadRequest", f"A record set of type {kind} has no '{min(unknown)}'.")
    if not 1 <= properties.get("TTL", 0) <= 2147483647:
        raise Refusal(400, "BadRequest", "The TTL is not valid.")
    for each in properties.get(_RECORDS[kind], ()) if kind != "CNAME" else ():
        text = each.get("ipv4Address" if kind == "A" else "ipv6Address", "")
        try:
            good = ipaddress.ip_address(text).version == (4 if kind == "A" else 6)
        except ValueError:
            good = False
        if not good:
            raise Refusal(400, "BadRequest", f"'{text}' is not a valid address of a record of type {kind}.")
    return dict(properties)


def _profile_of(body: Body) -> Body:
    """The properties of a profile as they are kept. Raises Refusal."""
    properties = body.get("properties", {})
    if body.get("location") != "global" or set(properties) - _PROFILE:
        raise Refusal(400, "BadRequest", "The profile has no location, or members that no profile has.")
    endpoints = properties.get("endpoints", [])
    for each in endpoints:
        own = each["properties"]
        if own.get("endpointStatus") not in {"Enabled", "Disabled"} or not 1 <= own.get("weight", 1) <= 1000:
            raise Refusal(400, "BadRequest", f"The endpoint {each['name']} has an invalid status or weight.")
    priorities = [each["properties"].get("priority") for each in endpoints]
    if properties["trafficRoutingMethod"] == "Priority" and len(set(priorities)) < len(priorities):
        raise Refusal(400, "BadRequest", "No two endpoints can share the same priority value.")
    return dict(properties)


def _without_etag(found: Body) -> Body:
    return {key: value for key, value in found.items() if key != "etag"}
