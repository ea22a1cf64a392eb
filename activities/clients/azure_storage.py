"""A geo-redundant storage account: where it is written, how far the other region is behind, and how that is swapped.

The account is one resource for both regions; the decision is kept in its tags.
https://learn.microsoft.com/azure/storage/common/storage-disaster-recovery-guidance
https://learn.microsoft.com/rest/api/storagerp/storage-accounts/failover
"""

import time
from datetime import datetime
from typing import Any, ClassVar

from activities.azure import OnAzure, tag_epoch, tagged
from activities.clients import azure_locks as locks
from activities.clients.azure import Answer, Azure, azure
from activities.contract import Job
from activities.handing.place import Handed, Place
from activities.lagging import Lag
from runbooks.azure.databases import AzureStorageSettings
from runbooks.steps import ErrorType

LOOKS = ("Microsoft.Storage/storageAccounts/read",)
NOTES = (locks.READS, "Microsoft.Storage/storageAccounts/write", "Microsoft.Storage/locations/asyncoperations/read")
MOVES = ("Microsoft.Storage/storageAccounts/failover/action",)

_FAILOVER = "storage_accounts.begin_failover"


class AzureStoragePlace(OnAzure, Handed[AzureStorageSettings]):
    """The account in one region."""

    demotes: ClassVar[str] = "Azure takes writes in one region alone."
    guarantee: ClassVar[str] = "Azure swaps the regions only when nothing is missing."

    @classmethod
    def scopes(cls, settings: AzureStorageSettings) -> tuple[str, ...]:
        """The account."""
        return (settings.account_id,)

    async def _see(self, job: Job[Any], settings: AzureStorageSettings) -> Place:
        return _place(await _account(azure(job, settings), settings), settings, time.time())

    async def _note(self, job: Job[Any]) -> None:
        there, settings = azure(job), job.settings
        found = await _account(there, settings)
        body = {"tags": tagged(found, job.call.epoch)}
        await there.change("storage", "storage_accounts.update", *_where(settings), body)

    async def _ready(self, job: Job[Any]) -> None:
        there, settings = azure(job), job.settings
        await there.resume("storage", _FAILOVER, *_where(settings))
        await locks.refuse_locked(there, settings.account_id)


async def move_account(there: Azure, settings: AzureStorageSettings, *, planned: bool) -> None:
    """Swap its regions (planned), or make the second one the only one. Raises StepError."""
    kind = "Planned" if planned else None
    meanings = {"AccountFailoverInProgress": ErrorType.BUSY}
    await there.operate("storage", _FAILOVER, *_where(settings), failover_type=kind, meanings=meanings)


async def replicate(there: Azure, settings: AzureStorageSettings) -> None:
    """Keep a copy in its other region again, when it has none. Raises StepError."""
    found = await _account(there, settings)
    if not found["properties"].get("secondaryLocation"):
        body = {"sku": {"name": settings.sku}}
        await there.change("storage", "storage_accounts.update", *_where(settings), body)


async def _account(there: Azure, settings: AzureStorageSettings) -> Answer:
    return await there.read(
        "storage", "storage_accounts.get_properties", *_where(settings), expand="geoReplicationStats"
    )


def _where(settings: AzureStorageSettings) -> tuple[str, str]:
    return settings.resource_group, settings.account


def _place(account: Answer, settings: AzureStorageSettings, now: float) -> Place:
    properties, region = account["properties"], settings.azure_region
    stats = properties.get("geoReplicationStats") or {}
    primary, secondary = properties["primaryLocation"], properties.get("secondaryLocation")
    moving = bool(properties.get("failoverInProgress"))
    status = "failing over" if moving else str(stats.get("status", "no copy in another region"))
    standby = primary != region
    known = standby and secondary == region
    return Place(
        name=f"{settings.account} in {region}",
        role="standby" if standby else "primary",
        status=status,
        at_rest=not moving and properties["provisioningState"] == "Succeeded",
        in_step=known and not moving and stats.get("status") == "Live",
        epoch=tag_epoch(account),
        others={secondary: "streaming" if status == "Live" else status.lower()} if secondary else {},
        lag=_lag(stats, now) if known else None,
        refuses=_why_not(settings, stats, known=known) if standby else None,
    )


def _why_not(settings: AzureStorageSettings, stats: Answer, *, known: bool) -> str | None:
    if not known:
        return f"{settings.account} has no copy in {settings.azure_region}: reseed it first."
    if stats.get("canFailover") is False:
        return f"Azure says that {settings.account} cannot fail over: look at what it holds, and at its replication."
    return None


def _lag(stats: Answer, now: float) -> Lag:
    """Everything that was written before the last synchronization is in the other region."""
    told = stats.get("lastSyncTime")
    at = datetime.fromisoformat(told).timestamp() if told else 0.0
    if at <= 0:  # Azure's default, where it is not known
        return Lag(teller="Azure Storage")
    return Lag(seconds=max(0.0, now - at), complete_until=at, measured_at=now, teller="Azure Storage")
