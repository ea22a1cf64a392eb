"""`cut_over.azure_dns`: lead a name in Azure DNS to other regions, by one conditional request."""

from collections.abc import Mapping

from activities.azure import OnAzure
from activities.clients import azure_locks as locks
from activities.clients.azure import azure
from activities.clients.azure_dns import (
    TYPES,
    AzureDnsName,
    AzureRecords,
    expecting_records,
    led_by,
    permissions_of,
    read_record_set,
    replace_record_set,
    same_records,
    wanted_record,
)
from activities.clients.name_servers import confirmed
from activities.contract import Job
from activities.naming import LeadName, RecordSet
from runbooks.azure.traffic import AzureDnsCommon
from runbooks.steps import StepResult

_ASK_SHARE = 0.8
"""Of the call's time: Azure names its servers up to a minute for a change to reach them all."""


class CutOverAzureDns(OnAzure, LeadName[AzureDnsName, AzureRecords]):
    """Compare and set by the record set's ETag, the decision in its metadata; then asks the zone's name servers."""

    uses = "cut_over.azure_dns"
    permissions = (
        locks.READS,
        *(f"Microsoft.Network/dnsZones/{kind}/{verb}" for kind in TYPES for verb in ("read", "write")),
        "Microsoft.Network/dnsZones/read",
    )
    Settings = AzureDnsName
    view = AzureRecords

    @classmethod
    def scopes(cls, settings: AzureDnsCommon) -> tuple[str, ...]:
        """The zone."""
        return (settings.zone_of_name,)

    @classmethod
    def needs(cls, settings: AzureDnsCommon) -> tuple[str, ...]:
        """Nothing on records of other types."""
        return permissions_of(settings, cls.permissions)

    async def _see(self, job: Job[AzureDnsName]) -> AzureRecords:
        return await read_record_set(azure(job), job.settings)

    def _wanted(self, job: Job[AzureDnsName], weights: Mapping[str, int]) -> tuple[RecordSet, ...]:
        return (wanted_record(job.settings, weights),)

    def _same(self, job: Job[AzureDnsName], one: tuple[RecordSet, ...], other: tuple[RecordSet, ...]) -> bool:
        del job
        return same_records(one, other)

    def _led(self, job: Job[AzureDnsName], sets: tuple[RecordSet, ...]) -> dict[str, int]:
        return led_by(job.settings, sets)

    async def _replace(self, job: Job[AzureDnsName], seen: AzureRecords, wanted: tuple[RecordSet, ...]) -> None:
        (record,) = wanted
        await replace_record_set(azure(job), job.settings, seen, record, job.call.epoch)

    async def _confirmed(self, job: Job[AzureDnsName], result: StepResult, serving: tuple[str, ...]) -> StepResult:
        job.progress.text = "Azure DNS has taken the change, and copies it to its name servers"
        given = result.after.get("servers")
        servers = job.settings.servers or tuple(str(one) for one in (given if isinstance(given, list) else ()))
        expect = expecting_records(job.settings, serving)
        return await confirmed(job, result, servers, expect, share=_ASK_SHARE)
