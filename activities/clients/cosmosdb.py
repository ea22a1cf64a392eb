"""A Cosmos DB account with one write region: how it stands in a region, and how its writer is moved.

The account is one resource for all regions; the decision is kept in its tags.
https://learn.microsoft.com/rest/api/cosmos-db-resource-provider/database-accounts
https://learn.microsoft.com/azure/reliability/reliability-cosmos-db
"""

from typing import Any, ClassVar

from activities.azure import OnAzure, tag_epoch, tagged
from activities.clients import azure_locks as locks
from activities.clients.azure import Answer, Azure, azure
from activities.contract import Job
from activities.errors import StepError
from activities.handing.place import Handed, Place
from runbooks.azure.databases import CosmosDbSettings
from runbooks.steps import ErrorType

LOOKS = ("Microsoft.DocumentDB/databaseAccounts/read",)
NOTES = (
    locks.READS,
    "Microsoft.DocumentDB/databaseAccounts/write",
    "Microsoft.DocumentDB/locations/operationsStatus/read",
    "Microsoft.DocumentDB/locations/operationResults/read",
)
MOVES = (
    "Microsoft.DocumentDB/databaseAccounts/failoverPriorityChange/action",
    "Microsoft.DocumentDB/databaseAccounts/offlineRegion/action",
)

_UPDATE = "database_accounts.begin_update"
_MULTI = "Every region of the account is a write region: there is no writer to be moved."
_PLANNED, _FORCED = "database_accounts.begin_failover_priority_change", "database_accounts.begin_offline_region"


class CosmosDbPlace(OnAzure, Handed[CosmosDbSettings]):
    """The account in one region."""

    demotes: ClassVar[str] = "Azure makes it a read region in the same operation."
    guarantee: ClassVar[str] = "Azure moves the writer only when nothing is missing."

    @classmethod
    def scopes(cls, settings: CosmosDbSettings) -> tuple[str, ...]:
        """The account."""
        return (settings.account_id,)

    async def _see(self, job: Job[Any], settings: CosmosDbSettings) -> Place:
        return _place(await _account(azure(job, settings), settings), settings)

    async def _note(self, job: Job[Any]) -> None:
        there, settings = azure(job), job.settings
        found = await _account(there, settings)
        await there.operate("cosmosdb", _UPDATE, *_where(settings), {"tags": tagged(found, job.call.epoch)})

    async def _ready(self, job: Job[Any]) -> None:
        there, settings = azure(job), job.settings
        for operation in (_UPDATE, _PLANNED, _FORCED):
            await there.resume("cosmosdb", operation, *_where(settings), {})
        await locks.refuse_locked(there, settings.account_id)


async def move_account(there: Azure, settings: CosmosDbSettings, *, planned: bool) -> None:
    """Make this region the write region. Raises StepError.

    Planned, it gets priority 0, and the others follow in the order that they had. Forced, the write region is taken
    offline, which makes the next one by priority the write region; Azure alone brings that region back.
    """
    account = await _account(there, settings)
    order = _order(account)
    if planned:
        own = [name for name in order if _same(name, settings.azure_region)]
        wanted = [*own, *(name for name in order if name not in own)]
        policies = [{"locationName": name, "failoverPriority": number} for number, name in enumerate(wanted)]
        await there.operate("cosmosdb", _PLANNED, *_where(settings), {"failoverPolicies": policies})
        return
    if why_not := _why_no_heir(account, settings):
        raise StepError(ErrorType.WRONG_STATE, why_not)
    await there.operate("cosmosdb", _FORCED, *_where(settings), {"region": order[0]})


def _why_no_heir(account: Answer, settings: CosmosDbSettings) -> str | None:
    """The sentence why Azure would not make this region the write region when that one is taken offline, or None."""
    order = _order(account)
    if len(order) > 1 and _same(order[1], settings.azure_region):
        return None
    heir = order[1] if len(order) > 1 else "no region"
    return f"Azure would make {heir} the write region of {settings.account}: give {settings.azure_region} priority 1."


async def _account(there: Azure, settings: CosmosDbSettings) -> Answer:
    return await there.read("cosmosdb", "database_accounts.get", *_where(settings))


def _where(settings: CosmosDbSettings) -> tuple[str, str]:
    return settings.resource_group, settings.account


def _same(location: str, region: str) -> bool:
    """`West Europe` is `westeurope`."""
    return _plain(location) == region


def _order(account: Answer) -> list[str]:
    """The regions by priority: the write region first."""
    policies = sorted(account["properties"]["failoverPolicies"], key=lambda one: int(one["failoverPriority"]))
    return [str(one["locationName"]) for one in policies]


def _place(account: Answer, settings: CosmosDbSettings) -> Place:
    properties, region = account["properties"], settings.azure_region
    name = f"{settings.account} in {region}"
    states = {one["locationName"]: one.get("provisioningState", "unknown") for one in properties["readLocations"]}
    own = next((state for location, state in states.items() if _same(location, region)), None)
    place = Place(name=name, role="standby", status=own or "offline", epoch=tag_epoch(account))
    if properties.get("enableMultipleWriteLocations"):
        return place.model_copy(update={"role": "alone", "status": "every region is a write region", "refuses": _MULTI})
    if not any(_same(location, region) for location in _order(account)):
        why_not = f"{settings.account} has no region {region}: add it."
        return place.model_copy(update={"status": "no region of it", "refuses": why_not})
    writes = any(_same(one["locationName"], region) for one in properties["writeLocations"])
    others = {_plain(one): "streaming" if state == "Succeeded" else state.lower() for one, state in states.items()}
    others.pop(region, None)
    return place.model_copy(
        update={
            "role": "primary" if writes else "standby",
            "at_rest": properties["provisioningState"] == "Succeeded",
            "in_step": not writes and own == "Succeeded",
            "others": others,
        }
    )


def _plain(location: str) -> str:
    return location.replace(" ", "").lower()
