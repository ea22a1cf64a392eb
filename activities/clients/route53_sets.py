"""Record sets of one public name in Route 53: which ones are wanted, and where those that are there lead. Pure.

A record set is kept as Route 53 gives it, since deleting one demands every value of it
(https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html).
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from activities.clients.name_servers import canonical_name, canonical_value
from activities.errors import StepError
from activities.naming import PublicName, RecordSet
from runbooks.aws.traffic import Route53Common, Route53Place
from runbooks.steps import ErrorType

_OTHER_ROUTING = ("Region", "GeoLocation", "GeoProximityLocation", "MultiValueAnswer", "CidrRoutingConfig")


class Route53Name(PublicName, Route53Common):
    """The settings of a `kind: route53` resource in all its regions together."""

    places: dict[str, Route53Place]

    @property
    def title(self) -> str:
        """The name."""
        return self.name

    @property
    def waits(self) -> float:
        """As the runbook says."""
        return self.pause


class Led(NamedTuple):
    """Where record sets lead: each region's weight, and what leads anywhere else, in words."""

    weights: dict[str, int]
    strangers: tuple[str, ...]


def wanted_sets(settings: Route53Name, weights: Mapping[str, int] | None = None) -> tuple[RecordSet, ...]:
    """The record sets that lead there: to the settings' weights, or to others. Raises StepError."""
    shares = settings.weights if weights is None else weights
    serving = settings.weighed(shares)
    if settings.routing == "weighted":
        return tuple(_named(settings, region, {"Weight": int(shares.get(region, 0))}) for region in settings.places)
    if settings.routing == "failover":
        return _failover(settings, serving)
    return (_simple(settings, serving),)


def _simple(settings: Route53Name, serving: tuple[str, ...]) -> RecordSet:
    alone = settings.type == "CNAME" or any(settings.places[region].alias_zone for region in serving)
    if alone and len(serving) > 1:
        raise StepError(
            ErrorType.BAD_SETTINGS,
            f"{settings.name} cannot lead to {' and '.join(serving)} at once by one CNAME or alias: make its routing "
            "weighted.",
        )
    values = sorted({value for region in serving for value in settings.places[region].to})
    place = settings.places[serving[0]].model_copy(update={"to": tuple(values), "health_check": None})
    return _record(settings, place)


def _failover(settings: Route53Name, serving: tuple[str, ...]) -> tuple[RecordSet, ...]:
    """The one that serves is the primary; its standby is another region, rather not one that the traffic leaves."""
    if len(serving) > 1:
        raise StepError(
            ErrorType.BAD_SETTINGS,
            f"{settings.name} leads to one region by failover routing, and not to {' and '.join(serving)}: make its "
            "routing weighted.",
        )
    others = [region for region in settings.places if region not in serving]
    others.sort(key=lambda region: region in (settings.before or ()))
    second = (_named(settings, others[0], {"Failover": "SECONDARY"}),) if others else ()
    return (_named(settings, serving[0], {"Failover": "PRIMARY"}), *second)


def _named(settings: Route53Name, region: str, routing: RecordSet) -> RecordSet:
    place = settings.places[region]
    return {**_record(settings, place), "SetIdentifier": place.set_identifier or region, **routing}


def _record(settings: Route53Name, place: Route53Place) -> RecordSet:
    record: RecordSet = {"Name": settings.name, "Type": settings.type}
    if place.alias_zone is not None:
        target = {"HostedZoneId": place.alias_zone, "DNSName": place.to[0]}
        record["AliasTarget"] = {**target, "EvaluateTargetHealth": place.evaluate_health}
    else:
        record |= {"TTL": settings.ttl, "ResourceRecords": [{"Value": value} for value in place.to]}
    return record if place.health_check is None else {**record, "HealthCheckId": place.health_check}


def same(one: Iterable[RecordSet], other: Iterable[RecordSet]) -> bool:
    """They say the same, however they are written."""
    return sorted(map(repr, map(_canonical, one))) == sorted(map(repr, map(_canonical, other)))


def _canonical(record: RecordSet) -> list[tuple[str, Any]]:
    plain = {key: value for key, value in record.items() if value not in (None, [], {})}
    plain["Name"] = canonical_name(record["Name"])
    plain.pop("ResourceRecords", None)
    plain["target"] = _target(record)
    if alias := plain.pop("AliasTarget", None):
        plain.pop("TTL", None)
        plain["health"] = bool(alias.get("EvaluateTargetHealth"))
    return sorted(plain.items())


def _target(record: RecordSet) -> tuple[str, ...]:
    """What it leads to, to be compared."""
    if alias := record.get("AliasTarget"):
        return (alias["HostedZoneId"].rpartition("/")[2], canonical_name(alias["DNSName"]))
    return tuple(sorted(canonical_value(record["Type"], each["Value"]) for each in record.get("ResourceRecords") or ()))


def led(settings: Route53Name, found: Iterable[RecordSet]) -> Led:
    """Where those record sets lead."""
    weights: dict[str, int] = {}
    strangers: list[str] = []
    records = tuple(found)
    # Route 53 answers with all weighted records alike when none of them has any weight.
    none_weighs = not any(record.get("Weight") for record in records)
    for record in records:
        regions = _regions(settings, record)
        if regions is None:
            strangers.append(_words(record))
        elif weight := _weight(record, none_weighs=none_weighs):
            weights |= dict.fromkeys(regions, weight)
    return Led({region: weights[region] for region in settings.places if region in weights}, tuple(strangers))


def _weight(record: RecordSet, *, none_weighs: bool) -> int:
    if record.get("Weight") is not None and not none_weighs:
        return int(record["Weight"])
    return int(record.get("Failover") != "SECONDARY")


def _regions(settings: Route53Name, record: RecordSet) -> tuple[str, ...] | None:
    """The regions that one record set leads to; None when it is none of the runbook's."""
    if any(record.get(key) for key in _OTHER_ROUTING):
        return None
    name, target, found = record.get("SetIdentifier"), set(_target(record)), []
    for region, place in settings.places.items():
        own = _target(_record(settings, place))
        if name is None and set(own) <= target:
            found.append(region)
            target -= set() if record.get("AliasTarget") else set(own)
        elif name == (place.set_identifier or region) and set(own) == target:
            return (region,)
    if name is not None or not found or (target and not record.get("AliasTarget")):
        return None
    return tuple(found)


def _words(record: RecordSet) -> str:
    where = ", ".join(_target(record)[-1:] if record.get("AliasTarget") else _target(record)) or "nothing"
    name = record.get("SetIdentifier")
    return f"{where} (`{name}`)" if name else where
