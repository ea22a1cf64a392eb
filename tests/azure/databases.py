"""Databases on the tests' Azure: stood up in the fake, and their replication told to Azure Monitor."""

import time
from datetime import UTC, datetime
from typing import Any

from tests.azure.arm import Body
from tests.azure.asking import ask
from tests.azure.fakes.insights import tell_metric
from tests.azure.world import HERE, THERE, AzureWorld

POSTGRES = "Microsoft.DBforPostgreSQL/flexibleServers"


def postgres(azure: AzureWorld, name: str, region: str, **more: Any) -> dict[str, Any]:
    """The settings of that region's server."""
    return azure.settings(region, server=f"{name}-{region}", **more)


def server(azure: AzureWorld, name: str, region: str) -> Body:
    """As the fake has it."""
    return azure.arm.resource(azure.id_of(POSTGRES, f"{name}-{region}", region=region))


def stand_postgres(azure: AzureWorld, name: str, *, endpoint: bool = True) -> None:
    """A primary here, its replica there, and virtual endpoints for both."""
    primary, replica = f"{name}-{HERE}", f"{name}-{THERE}"
    primary_id = azure.id_of(POSTGRES, primary, region=HERE)
    sku = {"name": "Standard_D4ds_v5", "tier": "GeneralPurpose"}
    roles: Body = {"replicationRole": "Primary", "replica": {"role": "Primary", "capacity": 5}}
    azure.put(POSTGRES, primary, region=HERE, sku=sku, tags={"team": "llm"}, properties={"state": "Ready", **roles})
    role = "GeoAsyncReplica"
    follows = {"sourceServerResourceId": primary_id, "replicationRole": role}
    properties = {"state": "Ready", **follows, "replica": {"role": role, "replicationState": "Active"}}
    azure.put(POSTGRES, replica, region=THERE, sku=sku, tags={}, properties=properties)
    if endpoint:
        members = {"endpointType": "ReadWrite", "members": [primary, replica], "virtualEndpoints": []}
        azure.put(f"{POSTGRES}/virtualendpoints", primary, name, region=HERE, properties=members)


def stand_backups(azure: AzureWorld, name: str, *, geo: str = "Enabled", full: float = 3600.0) -> None:
    """The primary has had backups for a week, the newest full one so many seconds old; and two databases."""
    primary = server(azure, name, HERE)
    earliest, newest = (_iso(time.time() - ago) for ago in (7 * 86400.0, full))
    primary["properties"]["backup"] = {
        "backupRetentionDays": 7,
        "geoRedundantBackup": geo,
        "earliestRestoreDate": earliest,
    }
    shown = {"backupType": "Full", "completedTime": newest, "source": "Automatic"}
    primary["backups"] = [{"name": "backup_1", "properties": shown}]
    primary["databases"] = [{"name": one, "properties": {}} for one in ("postgres", "vectors")]


def servers(azure: AzureWorld) -> list[str]:
    """The names of all of them."""
    with azure.arm.lock:
        return sorted(one["name"] for one in azure.arm.resources.values() if one["type"] == POSTGRES)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")


def tell_lag(azure: AzureWorld, name: str, seconds: float, region: str = THERE, ago: float = 0.0) -> None:
    """Azure Monitor hears how old the newest transaction of a replica was so many seconds ago."""
    id_ = azure.id_of(POSTGRES, f"{name}-{region}", region=region)
    tell_metric(azure.arm, id_, "physical_replication_delay_in_seconds", seconds, time.time() - ago)


def tell_unsent(azure: AzureWorld, name: str, unsent: float, region: str = HERE, ago: float = 0.0) -> None:
    """Azure Monitor hears how many bytes a primary had to send yet so many seconds ago."""
    id_ = azure.id_of(POSTGRES, f"{name}-{region}", region=region)
    tell_metric(azure.arm, id_, "physical_replication_delay_in_bytes", unsent, time.time() - ago)


SQL = "Microsoft.Sql/servers"
SQL_GROUP = f"{SQL}/failoverGroups"


def sql(azure: AzureWorld, name: str, region: str, **more: Any) -> dict[str, Any]:
    """The settings of a failover group on that region's server."""
    return azure.settings(region, server=f"{name}-{region}", failover_group=name, **more)


def sql_group(azure: AzureWorld, name: str, region: str) -> Body:
    """As the fake has it on that region's server."""
    return azure.arm.resource(azure.id_of(SQL_GROUP, f"{name}-{region}", name, region=region))


def stand_sql(azure: AzureWorld, name: str) -> None:
    """A group whose primary is here, and whose secondary is there."""
    for region, other, role in ((HERE, THERE, "Primary"), (THERE, HERE, "Secondary")):
        partner = {"id": azure.id_of(SQL, f"{name}-{other}", region=other), "location": other}
        azure.put(SQL, f"{name}-{region}", region=region, tags={"team": "llm"})
        properties = {"replicationRole": role, "replicationState": "CATCH_UP", "partnerServers": [partner]}
        policy = {"failoverPolicy": "Manual"}
        where = (f"{name}-{region}", name)
        azure.put(SQL_GROUP, *where, region=region, properties={**properties, "readWriteEndpoint": policy})


COSMOS = "Microsoft.DocumentDB/databaseAccounts"
_SHOWN = {HERE: "East US", THERE: "West Europe"}
"""As Cosmos DB calls the regions."""


def cosmos(azure: AzureWorld, name: str, region: str, **more: Any) -> dict[str, Any]:
    """The settings of an account in a region: it is one resource, in the group of the first one."""
    return azure.settings(region, **{"account": name, "resource_group": azure.group(HERE), **more})


def cosmos_account(azure: AzureWorld, name: str) -> Body:
    """As the fake has it."""
    return azure.arm.resource(azure.id_of(COSMOS, name))


def stand_cosmos(azure: AzureWorld, name: str) -> None:
    """An account whose write region is here, and whose read region is there."""
    shown = [
        {"locationName": _SHOWN[region], "failoverPriority": number, "provisioningState": "Succeeded"}
        for number, region in enumerate((HERE, THERE))
    ]
    policies = [{key: one[key] for key in ("locationName", "failoverPriority")} for one in shown]
    places = {"readLocations": shown, "writeLocations": shown[:1], "failoverPolicies": policies}
    kept = {"enableMultipleWriteLocations": False, "enableAutomaticFailover": False}
    azure.put(COSMOS, name, tags={"team": "llm"}, properties={**places, **kept})


STORAGE = "Microsoft.Storage/storageAccounts"


def storage(azure: AzureWorld, name: str, region: str, **more: Any) -> dict[str, Any]:
    """The settings of an account in a region: it is one resource, in the group of the first one."""
    return azure.settings(region, **{"account": name, "resource_group": azure.group(HERE), **more})


def storage_account(azure: AzureWorld, name: str) -> Body:
    """As the fake has it."""
    return azure.arm.resource(azure.id_of(STORAGE, name))


def stand_storage(azure: AzureWorld, name: str, behind: float = 4.0) -> None:
    """An account that is written here, and copied there, where it is so many seconds behind."""
    synced = _iso(time.time() - behind)
    stats = {"status": "Live", "lastSyncTime": synced, "canFailover": True, "canPlannedFailover": True}
    places = {"primaryLocation": HERE, "secondaryLocation": THERE, "geoReplicationStats": stats}
    sku, pair = {"name": "Standard_RAGRS"}, {HERE: THERE, THERE: HERE}
    azure.put(STORAGE, name, sku=sku, tags={"team": "llm"}, properties=places, pair=pair)


REDIS = "Microsoft.Cache/redis"
REDIS_LINK = f"{REDIS}/linkedServers"
_REDIS_VERSION = "2024-11-01"


def redis(azure: AzureWorld, name: str, region: str, **more: Any) -> dict[str, Any]:
    """The settings of that region's cache."""
    return azure.settings(region, cache=f"{name}-{region}", **more)


def redis_cache(azure: AzureWorld, name: str, region: str) -> Body:
    """As the fake has it; `data` is what it holds."""
    return azure.arm.resource(azure.id_of(REDIS, f"{name}-{region}", region=region))


def redis_link(azure: AzureWorld, name: str, region: str) -> Body | None:
    """What that region's cache shows of its link now; the role is that of the other one. None: it has none."""
    listed = ask(azure, "GET", f"{redis_cache(azure, name, region)['id']}/linkedServers", _REDIS_VERSION).body
    assert listed is not None
    return next((one["properties"] for one in listed["value"]), None)


def stand_redis(azure: AzureWorld, name: str, **more: Any) -> None:
    """A primary here, its secondary there."""
    for region in (HERE, THERE):
        sku = {"name": "Premium", "family": "P", "capacity": 1}
        azure.put(REDIS, f"{name}-{region}", region=region, tags={"team": "llm"}, properties={"sku": sku, **more})
        redis_cache(azure, name, region)["data"] = "all"
    for region, other, role in ((HERE, THERE, "Secondary"), (THERE, HERE, "Primary")):
        linked = {"linkedRedisCacheId": redis_cache(azure, name, other)["id"], "linkedRedisCacheLocation": other}
        where = (f"{name}-{region}", f"{name}-{other}")
        azure.put(REDIS_LINK, *where, region=region, properties={**linked, "serverRole": role})


def unlink_redis(azure: AzureWorld, name: str) -> None:
    """Somebody unlinks both: each takes writes of its own."""
    ask(azure, "DELETE", f"{redis_cache(azure, name, HERE)['id']}/linkedServers/{name}-{THERE}", _REDIS_VERSION)
    while redis_link(azure, name, HERE) is not None:
        pass


def tell_redis_lag(azure: AzureWorld, name: str, seconds: float, region: str = THERE, ago: float = 0.0) -> None:
    """Azure Monitor hears how long ago a secondary was last in step so many seconds ago."""
    id_ = azure.id_of(REDIS, f"{name}-{region}", region=region)
    tell_metric(azure.arm, id_, "GeoReplicationConnectivityLag", seconds, time.time() - ago)
