"""An agent pool of Azure Kubernetes Service: how large it is and is to be, what ails it, and the decision in its tags.

https://learn.microsoft.com/rest/api/aks/agent-pools
https://learn.microsoft.com/azure/aks/cluster-autoscaler (it keeps at least `minCount` nodes)
"""

import asyncio
from typing import Any

from activities.azure import tag_epoch, tagged
from activities.clients.azure import Answer, Azure
from activities.clients.azure_errors import wants_capacity
from activities.clients.azure_locks import refuse_locked
from activities.errors import StepError
from activities.family import Family, Member
from runbooks.azure.scaling import AksNodepoolSettings
from runbooks.steps import ErrorType

_UPDATE = "agent_pools.begin_create_or_update"
_ENDED = frozenset({"Succeeded", "Failed", "Canceled"})
_READ_ONLY = frozenset({"eTag", "provisioningState", "currentOrchestratorVersion", "status"})


class AgentPool(Member):
    """As AKS shows it. With the autoscaler, `desired` is the least that it keeps."""

    count: int = 0
    smallest: int | None = None
    """What the autoscaler keeps at least, and at most; None: it is off."""
    largest: int | None = None
    stopped: bool = False
    size: str = ""
    spot: bool = False
    state: str = ""


class AgentPools(Family):
    """The pool, and those of its ladder."""

    members: tuple[AgentPool, ...]


async def read_pools(there: Azure, settings: AksNodepoolSettings) -> AgentPools:
    """Look at all of them. Raises StepError; one of the ladder that is not there is only absent."""
    found = await asyncio.gather(*(_read(there, settings, rung) for rung in range(len(settings.names))))
    return AgentPools(members=found)


async def size_pool(  # noqa: PLR0913, PLR0917 - the pool, its new size, and who decided
    there: Azure, settings: AksNodepoolSettings, name: str, wanted: int, was: AgentPool | None, epoch: int
) -> None:
    """Order the size and note the decision, in one request and only if nobody has changed it meanwhile.

    A stopped pool is started; `was` brings back its bounds and that it was stopped. Waits until AKS has done it.
    Raises StepError: CONFLICT when somebody else came between, BUSY while it takes no change, NO_CAPACITY.
    """
    from azure.core import MatchConditions  # noqa: PLC0415 - an extra

    where = (settings.resource_group, settings.cluster, name)
    found, _ = await asyncio.gather(
        there.read("containerservice", "agent_pools.get", *where), refuse_locked(there, settings.pool_id(name))
    )
    properties = {key: value for key, value in found["properties"].items() if key not in _READ_ONLY}
    changed = {**properties, **_sizes(properties, wanted, was), "tags": tagged(properties, epoch)}
    unchanged = {"etag": found["properties"]["eTag"], "match_condition": MatchConditions.IfNotModified}
    await there.operate("containerservice", _UPDATE, *where, {"properties": changed}, **unchanged)


async def resume_sizing(there: Azure, settings: AksNodepoolSettings, name: str) -> None:
    """Wait for what an earlier attempt has ordered, if one has. Raises StepError, as `size_pool`."""
    await there.resume("containerservice", _UPDATE, settings.resource_group, settings.cluster, name, {})


async def refuse_stopped(there: Azure, settings: AksNodepoolSettings) -> None:
    """Raises StepError when the cluster itself is stopped: then no pool can be sized."""
    found = await there.read("containerservice", "managed_clusters.get", settings.resource_group, settings.cluster)
    if _stopped(found["properties"]):
        sentence = f"The cluster {settings.cluster} is stopped, so its pools cannot be sized: start it, then say retry."
        raise StepError(ErrorType.WRONG_STATE, sentence)


def _sizes(properties: dict[str, Any], wanted: int, was: AgentPool | None) -> dict[str, Any]:
    power = {"powerState": {"code": "Stopped" if was is not None and was.stopped else "Running"}}
    if was is not None and was.stopped:
        return {**power, "count": was.count, **_bounds(was)}
    if not properties.get("enableAutoScaling"):
        return {**power, "count": wanted}
    largest = was.largest if was is not None and was.largest is not None else max(properties["maxCount"], wanted)
    return {
        **power,
        "count": min(max(properties["count"], wanted), largest),
        "minCount": wanted,
        "maxCount": largest,
    }


def _bounds(was: AgentPool) -> dict[str, Any]:
    return {} if was.smallest is None else {"minCount": was.smallest, "maxCount": was.largest}


async def _read(there: Azure, settings: AksNodepoolSettings, rung: int) -> AgentPool:
    name, market = settings.names[rung], settings.markets[rung]
    where = (settings.resource_group, settings.cluster, name)
    try:
        found = (await there.read("containerservice", "agent_pools.get", *where))["properties"]
    except StepError as error:
        if error.kind is not ErrorType.NOT_FOUND or not rung:
            raise
        return AgentPool(name=name, absent=error.sentence)
    spot = found.get("scaleSetPriority") == "Spot"
    if market is not None and spot != (market == "spot"):
        really = "of the spot market" if spot else "on demand"
        raise StepError(ErrorType.BAD_SETTINGS, f"The agent pool {name} is {really}: say so in `market` of its rung.")
    machines = await there.pages("containerservice", "machines.list", *where)
    return _seen(name, found, len(machines), spot=spot)


def _seen(name: str, found: Answer, machines: int, *, spot: bool) -> AgentPool:
    stopped, scales = _stopped(found), bool(found.get("enableAutoScaling"))
    state = found["provisioningState"]
    error = (found.get("status") or {}).get("provisioningError") or {}
    code, message = str(error.get("code") or "unknown"), str(error.get("message") or "AKS does not say why")
    failed = state in _ENDED and state != "Succeeded"
    least = found["minCount"] if scales else found["count"]
    return AgentPool(
        name=name,
        desired=0 if stopped else least,
        ready=0 if stopped else machines,
        epoch=tag_epoch(found),
        failed=failed,
        why=f"The last change of the agent pool {name} has failed: {code}: {message.rstrip('.')}." if failed else "",
        full=failed and wants_capacity(code, message),
        busy=state not in _ENDED,
        count=found["count"],
        smallest=found["minCount"] if scales else None,
        largest=found["maxCount"] if scales else None,
        stopped=stopped,
        size=found["vmSize"],
        spot=spot,
        state=state,
    )


def _stopped(properties: dict[str, Any]) -> bool:
    return (properties.get("powerState") or {}).get("code") == "Stopped"
