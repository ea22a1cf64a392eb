"""A public name in Azure DNS: one record set, read, and replaced by one conditional request.

The epoch of the decision that wrote it is in the record set's own metadata, so it is set by the same request, which
Azure refuses (412) when the ETag is no longer the one that was read: compare and set.

https://learn.microsoft.com/rest/api/dns/record-sets
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import JsonValue

from activities.azure import EPOCH_TAG
from activities.clients.azure import Azure
from activities.clients.azure_locks import refuse_locked
from activities.clients.name_servers import Expect, Right, canonical_value
from activities.errors import StepError
from activities.naming import NameView, PublicName, RecordSet
from runbooks.azure.traffic import AzureDnsCommon, AzureDnsPlace
from runbooks.steps import ErrorType

TYPES = ("A", "AAAA", "CNAME")
_VALUES = {"A": ("ARecords", "ipv4Address"), "AAAA": ("AAAARecords", "ipv6Address")}


class AzureDnsName(PublicName, AzureDnsCommon):
    """The settings of a `kind: azure_dns` resource in all its regions together."""

    places: dict[str, AzureDnsPlace]

    @property
    def title(self) -> str:
        """The name."""
        return self.name


class AzureRecords(NameView):
    """What Azure DNS has of the name."""

    etag: str | None = None
    """Of the record set; None: there is none."""
    metadata: dict[str, str] = {}
    servers: tuple[str, ...] = ()
    """The zone's name servers."""

    @property
    def ttl(self) -> int:
        """As the record set says."""
        return min((int(str(each["TTL"])) for each in self.sets), default=0)


def permissions_of(settings: AzureDnsCommon, permissions: Iterable[str]) -> tuple[str, ...]:
    """Those that settings need: none on records of other types. Pure."""
    others = tuple(f"/{kind}/" for kind in TYPES if kind != settings.type)
    return tuple(one for one in permissions if not any(other in one for other in others))


async def read_record_set(there: Azure, settings: AzureDnsName) -> AzureRecords:
    """Look. Raises StepError; a zone that is not there is NOT_FOUND, a name without records leads nowhere."""
    zone, found = await asyncio.gather(
        there.read("dns", "zones.get", settings.resource_group, settings.zone), _record_set(there, settings)
    )
    servers = tuple(zone["properties"].get("nameServers") or ())
    if found is None:
        return AzureRecords(sets=(), leads={}, servers=servers)
    metadata = found["properties"].get("metadata") or {}
    kept = str(metadata.get(EPOCH_TAG, ""))
    record = _plain(found["properties"])
    leads, strangers = _led(settings, record)
    return AzureRecords(
        sets=(record,),
        leads=leads,
        strangers=strangers,
        epoch=int(kept) if kept.isdecimal() else None,
        etag=found["etag"],
        metadata=metadata,
        servers=servers,
    )


async def _record_set(there: Azure, settings: AzureDnsName) -> dict[str, Any] | None:
    where = (settings.resource_group, settings.zone, settings.relative, settings.type)
    try:
        return await there.read("dns", "record_sets.get", *where)
    except StepError as error:
        if error.kind is not ErrorType.NOT_FOUND:  # of a zone that is not there, the zone itself says it
            raise
        return None


async def replace_record_set(
    there: Azure, settings: AzureDnsName, seen: AzureRecords, wanted: RecordSet, epoch: int
) -> None:
    """Lead the name there if it is still as seen. Raises StepError: CONFLICT when it is not."""
    await refuse_locked(there, settings.record_id)
    properties = {**wanted, "metadata": {**seen.metadata, EPOCH_TAG: str(epoch)}}
    where = (settings.resource_group, settings.zone, settings.relative, settings.type)
    unchanged: dict[str, Any] = {"if_none_match": "*"} if seen.etag is None else {"if_match": seen.etag}
    await there.change("dns", "record_sets.create_or_update", *where, {"properties": properties}, **unchanged)


def wanted_record(settings: AzureDnsName, weights: Mapping[str, int]) -> RecordSet:
    """The record set that leads to every region with a weight. Pure. Raises StepError."""
    serving = settings.weighed(weights)
    values = sorted({value for region in serving for value in settings.places[region].to})
    if settings.type != "CNAME":
        records, address = _VALUES[settings.type]
        return {"TTL": settings.ttl, records: [{address: value} for value in values]}
    if len(values) > 1:
        raise StepError(
            ErrorType.BAD_SETTINGS,
            f"{settings.name} cannot lead to {' and '.join(serving)} at once by one CNAME: lead it to a Traffic "
            "Manager profile, which can.",
        )
    return {"TTL": settings.ttl, "CNAMERecord": {"cname": values[0]}}


def same_records(one: Iterable[RecordSet], other: Iterable[RecordSet]) -> bool:
    """They say the same, however they are written. Pure."""
    return [(each["TTL"], _values(each)) for each in one] == [(each["TTL"], _values(each)) for each in other]


def led_by(settings: AzureDnsName, sets: Iterable[RecordSet]) -> dict[str, int]:
    """Where they lead. Pure."""
    found: dict[str, int] = {}
    for each in sets:
        found |= _led(settings, each)[0]
    return found


def expecting_records(settings: AzureDnsName, serving: Iterable[str]) -> Expect:
    """The right answers of each name server: the values of those regions, and no others."""
    values = (value for region in serving for value in settings.place(region).to)
    right = Right(frozenset(canonical_value(settings.type, value) for value in values))

    async def expect(_: str) -> Right:
        return right

    return expect


def _plain(properties: Mapping[str, JsonValue]) -> RecordSet:
    """What of a record set must be sent again to bring it back."""
    kept = ("TTL", "ARecords", "AAAARecords", "CNAMERecord")
    plain: RecordSet = {key: properties[key] for key in kept if properties.get(key)}
    target = properties.get("targetResource")
    return {**plain, "targetResource": target} if isinstance(target, dict) and target.get("id") else plain


def _values(record: RecordSet) -> frozenset[str]:
    """What it leads to; of an alias the resource's id, whose addresses Azure puts in by itself."""
    if target := record.get("targetResource"):
        return frozenset({str(target["id"]).lower()})
    if name := record.get("CNAMERecord"):
        return frozenset({canonical_value("CNAME", name["cname"])})
    return frozenset(
        canonical_value(kind, each[address])
        for kind, (records, address) in _VALUES.items()
        for each in record.get(records, ())
    )


def _led(settings: AzureDnsName, record: RecordSet) -> tuple[dict[str, int], tuple[str, ...]]:
    left = values = _values(record)
    leads = {}
    for region, place in settings.places.items():
        own = {canonical_value(settings.type, value) for value in place.to}
        if own <= values:
            leads[region] = 1
            left -= own
    return leads, tuple(sorted(left))
