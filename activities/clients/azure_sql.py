"""A failover group of Azure SQL Database: how it stands on one server, and how its writer is moved.

The decision is kept in the tags of the logical server, for each group: only the primary's group takes tags.
https://learn.microsoft.com/rest/api/sql/failover-groups
https://learn.microsoft.com/azure/azure-sql/database/failover-group-sql-db
"""

import asyncio
from typing import Any, ClassVar

from activities.azure import OnAzure
from activities.clients import azure_locks as locks
from activities.clients.azure import Azure, azure
from activities.contract import Job
from activities.handing.place import Handed, Place
from runbooks.azure.databases import AzureSqlSettings
from runbooks.steps import ErrorType

LOOKS = ("Microsoft.Sql/servers/read", "Microsoft.Sql/servers/failoverGroups/read")
NOTES = (
    locks.READS,
    "Microsoft.Sql/servers/write",
    "Microsoft.Sql/locations/serverAzureAsyncOperation/read",
    "Microsoft.Sql/locations/serverOperationResults/read",
)
MOVES = (
    "Microsoft.Sql/servers/failoverGroups/failover/action",
    "Microsoft.Sql/servers/failoverGroups/forceFailoverAllowDataLoss/action",
    "Microsoft.Sql/locations/failoverGroupAzureAsyncOperation/read",
    "Microsoft.Sql/locations/failoverGroupOperationResults/read",
)

_UPDATE = "servers.begin_update"
_PLANNED, _FORCED = "failover_groups.begin_failover", "failover_groups.begin_force_failover_allow_data_loss"
_IN_STEP = "CATCH_UP"
"""What is copied is kept up: `SEEDING` and `SUSPENDED` are not that."""


class AzureSqlPlace(OnAzure, Handed[AzureSqlSettings]):
    """A group on one region's server."""

    demotes: ClassVar[str] = "Azure makes it the secondary in the same operation."
    guarantee: ClassVar[str] = "Azure moves the writer only when nothing is missing."

    @classmethod
    def scopes(cls, settings: AzureSqlSettings) -> tuple[str, ...]:
        """The server, and so its groups."""
        return (settings.server_id,)

    async def _see(self, job: Job[Any], settings: AzureSqlSettings) -> Place:
        there = azure(job, settings)
        where = (settings.resource_group, settings.server)
        server, group = await asyncio.gather(
            there.read("sql", "servers.get", *where),
            there.read("sql", "failover_groups.get", *where, settings.failover_group),
        )
        properties = group["properties"]
        standby, state = properties["replicationRole"] == "Secondary", properties.get("replicationState") or "unknown"
        partners = [one["id"].rpartition("/")[2] for one in properties.get("partnerServers", ())]
        kept = str((server.get("tags") or {}).get(settings.epoch_tag, ""))
        return Place(
            name=f"{settings.server}/{settings.failover_group}",
            role="standby" if standby else "primary",
            status=state,
            in_step=standby and state == _IN_STEP,
            epoch=int(kept) if kept.isdecimal() else None,
            others={name: "streaming" if state == _IN_STEP else state.lower() for name in partners},
        )

    async def _note(self, job: Job[Any]) -> None:
        settings = job.settings
        there, where = azure(job), (settings.resource_group, settings.server)
        server = await there.read("sql", "servers.get", *where)
        tags = {**(server.get("tags") or {}), settings.epoch_tag: str(job.call.epoch)}
        await there.operate("sql", _UPDATE, *where, {"tags": tags})

    async def _ready(self, job: Job[Any]) -> None:
        there, settings = azure(job), job.settings
        where = (settings.resource_group, settings.server)
        await there.resume("sql", _UPDATE, *where, {})
        for operation in (_PLANNED, _FORCED):
            await there.resume("sql", operation, *where, settings.failover_group)
        await locks.refuse_locked(there, settings.server_id)


async def move_group(there: Azure, settings: AzureSqlSettings, *, planned: bool) -> None:
    """Fail the group over to this server. Raises StepError."""
    operation = _PLANNED if planned else _FORCED
    where = (settings.resource_group, settings.server, settings.failover_group)
    await there.operate("sql", operation, *where, meanings={"ConflictingServerOperation": ErrorType.BUSY})
