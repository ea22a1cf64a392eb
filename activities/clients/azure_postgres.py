"""An Azure Database for PostgreSQL flexible server: how it stands, and the single changes that are made to it.

The service has no conditional requests: the decision is kept in the server's tags before anything is changed by it.
https://learn.microsoft.com/rest/api/postgresql/servers
"""

from collections.abc import Mapping
from typing import Any, Literal

from activities.acting import View
from activities.azure import EPOCH_TAG, tag_epoch, tagged
from activities.clients.azure import Azure
from activities.clients.azure_lag import last_drained
from activities.clients.azure_lag import read_lag as read_metric_lag
from activities.contract import Job
from activities.errors import StepError
from activities.lagging import Lag
from runbooks.azure.databases import AzurePostgresSettings
from runbooks.steps import ErrorType

LOOKS = (
    "Microsoft.DBforPostgreSQL/flexibleServers/read",
    "Microsoft.DBforPostgreSQL/flexibleServers/configurations/read",
)
"""The permissions that a look at a server needs."""
WRITES = (
    "Microsoft.DBforPostgreSQL/flexibleServers/write",
    "Microsoft.DBforPostgreSQL/flexibleServers/configurations/write",
    "Microsoft.DBforPostgreSQL/locations/azureAsyncOperation/read",
)
"""Those that its changes need, besides."""
FENCE_TAG, FENCED_BY_TAG, FENCED_AT_TAG = "evac-fence-of", "evac-fenced-by", "evac-fenced-at"
"""What the parameter was before a fence, by which that is undone; the decision that put it up (newer ones that rely on
it are kept as the epoch alone); and when the last session of before it was gone."""

READ_ONLY = "default_transaction_read_only"
READY = "Ready"
_SERVES = frozenset({READY, "Updating"})
_PASSES = _SERVES | {"Starting", "Restarting", "Provisioning"}
"""What Azure brings to an end by itself: it is waited for."""
_STREAMS = frozenset({"Active", "Catchup"})

_UPDATE, _SET, _RESTART = "servers.begin_update", "configurations.begin_update", "servers.begin_restart"
_CREATE = "servers.begin_create_or_update"
RACES = {
    "ServerIsBusy": ErrorType.BUSY,
    "ServerIsNotReady": ErrorType.BUSY,
    "ServerNameAlreadyExists": ErrorType.CONFLICT,
}
"""What a change is answered when another run of the same step, or Azure itself, was quicker: look again."""


class Server(View):
    """As ARM shows it."""

    name: str
    id: str
    role: Literal["primary", "standby"]
    status: str
    source: str | None = None
    """The id of the server that it replicates from."""
    replication: str | None = None
    """How its replication stands: `Active`, `Catchup`, `Reconfiguring`, `Broken`, ..."""
    parameter: str = ""
    """`default_transaction_read_only`; empty when nobody can ask a server in this state."""
    tags: dict[str, str] = {}
    epoch: int | None = None
    fence_of: str | None = None
    fenced_by: int | None = None
    fenced_at: float | None = None

    @property
    def console(self) -> str:
        """Where people look at it."""
        return "the Azure portal"

    @property
    def serves(self) -> bool:
        """It answers, as far as Azure knows."""
        return self.status in _SERVES

    @property
    def passing(self) -> bool:
        """Azure is at work on it, or it is fine."""
        return self.status in _PASSES

    @property
    def streaming(self) -> bool:
        """It takes in what its source writes."""
        return self.replication in _STREAMS

    @property
    def fenced(self) -> bool:
        """Transactions are read-only unless a client asks for another kind, and no session is from before that."""
        return self.parameter == "on" and self.fenced_at is not None

    def follows(self, id_: str) -> bool:
        """It is a replica of that server."""
        return self.role == "standby" and self.source is not None and self.source.lower() == id_.lower()


async def read_server(there: Azure, settings: AzurePostgresSettings) -> Server:
    """Look. Raises StepError."""
    where = (settings.resource_group, settings.server)
    raw = await there.read("postgres", "servers.get", *where)
    properties, tags = raw["properties"], raw.get("tags") or {}
    parameter = ""
    if properties["state"] in _PASSES - {"Provisioning"}:
        found = await there.read("postgres", "configurations.get", *where, READ_ONLY)
        parameter = str(found["properties"]["value"]).lower()
    replica = properties.get("replica") or {}
    by, at = (str(tags.get(tag, "")) for tag in (FENCED_BY_TAG, FENCED_AT_TAG))
    return Server(
        name=raw["name"],
        id=raw["id"],
        role="standby" if str(properties.get("replicationRole")).endswith("Replica") else "primary",
        status=properties["state"],
        source=properties.get("sourceServerResourceId"),
        replication=replica.get("replicationState"),
        parameter=parameter,
        tags=tags,
        epoch=tag_epoch(raw),
        fence_of=tags.get(FENCE_TAG),
        fenced_by=int(by) if by.isdecimal() else None,
        fenced_at=float(at) if at.isdecimal() else None,
    )


async def find_server(there: Azure, settings: AzurePostgresSettings) -> Server | None:
    """As `read_server`; None when there is none of that name. Raises StepError."""
    try:
        return await read_server(there, settings)
    except StepError as error:
        if error.kind is not ErrorType.NOT_FOUND:
            raise
        return None


async def read_replicas(there: Azure, settings: AzurePostgresSettings) -> dict[str, str]:
    """How the replication of each replica stands, by its id in small letters. Raises StepError."""
    found = await there.pages("postgres", "replicas.list_by_server", settings.resource_group, settings.server)
    states = {one["id"].lower(): (one["properties"].get("replica") or {}).get("replicationState") for one in found}
    return {id_: str(state or "unknown") for id_, state in states.items()}


async def read_readers(there: Azure, settings: AzurePostgresSettings) -> frozenset[str]:
    """The names of the servers that the virtual endpoints of a primary can lead to. Raises StepError."""
    found = await there.pages("postgres", "virtual_endpoints.list_by_server", settings.resource_group, settings.server)
    return frozenset(member for one in found for member in one["properties"].get("members") or ())


async def server_lag(there: Azure, server: Server) -> Lag:
    """How old the newest transaction is that a replica has. Raises StepError."""
    return await read_metric_lag(there, server.id, "physical_replication_delay_in_seconds")


async def server_drained(there: Azure, server: Server) -> float | None:
    """When the primary was last seen to have sent everything to each of its replicas. Raises StepError."""
    return await last_drained(there, server.id, "physical_replication_delay_in_bytes")


async def resume_changes(there: Azure, settings: AzurePostgresSettings) -> None:
    """Wait for what an earlier attempt has begun, if one has. Raises StepError when that has failed."""
    where = (settings.resource_group, settings.server)
    await there.resume("postgres", _UPDATE, *where, {})
    await there.resume("postgres", _SET, *where, READ_ONLY, {})
    await there.resume("postgres", _RESTART, *where)


async def note(there: Azure, settings: AzurePostgresSettings, seen: Server, tags: Mapping[str, str | None]) -> None:
    """Keep these tags with it; None takes one away. Raises StepError."""
    kept = {key: value for key, value in {**seen.tags, **tags}.items() if value is not None}
    await there.operate("postgres", _UPDATE, settings.resource_group, settings.server, {"tags": kept}, meanings=RACES)


async def note_epoch(job: Job[Any], there: Azure, settings: AzurePostgresSettings, seen: Server) -> None:
    """Keep this decision, before anything is changed by it. Raises StepError."""
    if seen.epoch != job.call.epoch:
        await note(there, settings, seen, {EPOCH_TAG: str(job.call.epoch)})


async def note_fence(job: Job[Any], there: Azure, settings: AzurePostgresSettings, seen: Server) -> None:
    """Keep this decision and what a fence changes; of one that stands, whose it is stays. Raises StepError."""
    epoch = str(job.call.epoch)
    if seen.fence_of is None:
        await note(
            there,
            settings,
            seen,
            {EPOCH_TAG: epoch, FENCE_TAG: seen.parameter, FENCED_BY_TAG: epoch, FENCED_AT_TAG: None},
        )
    elif seen.epoch != job.call.epoch:
        await note(there, settings, seen, {EPOCH_TAG: epoch, FENCED_BY_TAG: str(seen.fenced_by or seen.epoch)})


async def set_parameter(there: Azure, settings: AzurePostgresSettings, value: str) -> None:
    """Have new transactions be read-only (`on`) or not. Raises StepError."""
    body = {"properties": {"value": value, "source": "user-override"}}
    where = (settings.resource_group, settings.server, READ_ONLY)
    await there.operate("postgres", _SET, *where, body, meanings=RACES)


async def restart(there: Azure, settings: AzurePostgresSettings) -> None:
    """End every session. Raises StepError."""
    await there.operate("postgres", _RESTART, settings.resource_group, settings.server, meanings=RACES)


async def promote(there: Azure, settings: AzurePostgresSettings, *, mode: str, option: str) -> None:
    """Promote a replica: `Switchover` or `Standalone`; `Planned` waits for what is missing, `Forced` does not.

    https://learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas-promote. Raises StepError.
    """
    body = {"properties": {"replica": {"promoteMode": mode, "promoteOption": option}}}
    await there.operate("postgres", _UPDATE, settings.resource_group, settings.server, body, meanings=RACES)


async def create_replica(job: Job[Any], there: Azure, settings: AzurePostgresSettings, source: Server) -> None:
    """Make a new server that is a replica of that one, with what it inherits of it. Raises StepError."""
    network = {
        "delegatedSubnetResourceId": settings.delegated_subnet,
        "privateDnsZoneArmResourceId": settings.private_dns_zone,
    }
    given = {key: value for key, value in network.items() if value is not None}
    properties = {"createMode": "Replica", "sourceServerResourceId": source.id, **({"network": given} if given else {})}
    body = {"location": settings.azure_region, "tags": tagged({}, job.call.epoch), "properties": properties}
    where = (settings.resource_group, settings.server)
    await there.operate("postgres", _CREATE, *where, body, meanings=RACES)


async def resume_creation(there: Azure, settings: AzurePostgresSettings) -> bool:
    """Wait for a replica that an earlier attempt is making: one was. Raises StepError when that has failed."""
    return await there.resume("postgres", _CREATE, settings.resource_group, settings.server, {}) is not None


async def lift_fence(there: Azure, settings: AzurePostgresSettings, seen: Server) -> None:
    """Give the parameter back as it was before the fence, and forget that. Raises StepError."""
    assert seen.fence_of is not None
    if seen.parameter != seen.fence_of:
        await set_parameter(there, settings, seen.fence_of)
    await note(there, settings, seen, dict.fromkeys((FENCE_TAG, FENCED_BY_TAG, FENCED_AT_TAG)))
