"""A public name in Route 53: its record sets, read, and replaced by one batch that is all or nothing.

Beside them stands a TXT record `_evac.<name>` with the epoch of the decision that wrote them. The batch deletes exactly
what was read and creates what is wanted, so it fails as a whole (InvalidChangeBatch) when anything has changed since:
compare and set.
"""

import asyncio
import re

from pydantic import JsonValue

from activities.clients.aws import Answer, Aws
from activities.clients.name_servers import canonical_name
from activities.clients.route53_sets import Route53Name, led
from activities.errors import StepError
from activities.naming import NameView, RecordSet
from runbooks.steps import ErrorType

_EPOCH = re.compile(r"epoch=(\d+)")
_MEANINGS = {"InvalidChangeBatch": ErrorType.CONFLICT}
_MOST = "300"


class NameRecords(NameView):
    """What Route 53 has of the name."""

    texts: tuple[dict[str, JsonValue], ...] = ()
    """The record set of the epoch as it is: the next batch deletes it."""

    @property
    def ttl(self) -> int:
        """How long old answers live; an alias's own is not known here: AWS's load balancers have 60 s."""
        found = [int(str(each["TTL"])) for each in self.sets if each.get("TTL") is not None]
        return min(found, default=60)


def epoch_name(settings: Route53Name) -> str:
    """Where the epoch is kept."""
    return f"_evac.{canonical_name(settings.name)}"


async def read_records(there: Aws, settings: Route53Name) -> NameRecords:
    """Look. Raises StepError; a name that is a CNAME where addresses are wanted is in the wrong state.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
    """
    name = canonical_name(settings.name)
    here, texts = await asyncio.gather(_sets(there, settings, name), _sets(there, settings, epoch_name(settings)))
    sets = [each for each in here if each["Type"] == settings.type]
    clash = [
        each["Type"] for each in here if each["Type"] != settings.type and "CNAME" in (each["Type"], settings.type)
    ]
    if clash:
        raise StepError(
            ErrorType.WRONG_STATE,
            f"{settings.name} has a record of type {clash[0]}, beside which none of type {settings.type} can be: "
            "correct `type`, or remove that record.",
        )
    epochs = [each for each in texts if each["Type"] == "TXT"]
    found = _EPOCH.search(" ".join(str(record["Value"]) for each in epochs for record in each["ResourceRecords"]))
    leads = led(settings, sets)
    return NameRecords(
        sets=tuple(sets),
        leads=leads.weights,
        strangers=leads.strangers,
        texts=tuple(epochs),
        epoch=int(found[1]) if found else None,
    )


async def _sets(there: Aws, settings: Route53Name, name: str) -> list[RecordSet]:
    """All record sets of exactly that name."""
    answer = await there.read(
        "route53",
        "list_resource_record_sets",
        HostedZoneId=settings.zone_id,
        StartRecordName=name,
        MaxItems=_MOST,
    )
    return [each for each in answer["ResourceRecordSets"] if canonical_name(each["Name"]) == name]


async def replace_records(
    there: Aws, settings: Route53Name, seen: NameRecords, wanted: tuple[RecordSet, ...], epoch: int
) -> str:
    """Lead the name there if all is still as seen; the change's id. Raises StepError: conflict when it is not."""
    note = {
        "Name": epoch_name(settings),
        "Type": "TXT",
        "TTL": settings.ttl,
        "ResourceRecords": [{"Value": f'"epoch={epoch}"'}],
    }
    changes = [
        *({"Action": "DELETE", "ResourceRecordSet": each} for each in (*seen.sets, *seen.texts)),
        *({"Action": "CREATE", "ResourceRecordSet": each} for each in (*wanted, note)),
    ]
    answer: Answer = await there.change(
        "route53",
        "change_resource_record_sets",
        meanings=_MEANINGS,
        HostedZoneId=settings.zone_id,
        ChangeBatch={"Comment": f"evac: decision {epoch}", "Changes": changes},
    )
    return str(answer["ChangeInfo"]["Id"])


async def is_in_sync(there: Aws, change: str) -> bool:
    """All of Route 53's name servers have the change. Raises StepError.

    https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html
    """
    answer = await there.read("route53", "get_change", Id=change)
    return bool(answer["ChangeInfo"]["Status"] == "INSYNC")


async def servers_of(there: Aws, settings: Route53Name) -> tuple[str, ...]:
    """The name servers to ask: as the runbook says, else the zone's; a private zone has none. Raises StepError."""
    if settings.servers:
        return settings.servers
    answer = await there.read("route53", "get_hosted_zone", Id=settings.zone_id)
    return tuple(answer.get("DelegationSet", {}).get("NameServers", ()))
