"""Agent pools of AKS: counts, autoscalers, stopped pools, and what gives what is missing."""

from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.fakes.compute import Compute
from tests.azure.world import HERE, THERE, AzureWorld

_CLUSTER = "Microsoft.ContainerService/managedClusters"
_POOL = f"{_CLUSTER}/agentPools"
_SIZE = "Microsoft.ContainerService/managedClusters/agentPools/write"
_A100 = "Standard_NC24ads_A100_v4"
WITHIN = 20.0


def stand(azure: AzureWorld, name: str = "gpu", count: int = 2, region: str = THERE, **more: Any) -> dict[str, Any]:
    """A pool, and the settings that name it; more: its own (`room`), and those of its properties."""
    azure.put(_CLUSTER, "llm", region=region)
    own = {"room": more.pop("room")} if "room" in more else {}
    properties = {"vmSize": _A100, "mode": "User", "count": count, "nodeTaints": ["gpu=yes:NoSchedule"], **more}
    azure.put(_POOL, "llm", name, region=region, properties=properties, **own)
    return azure.settings(region, cluster="llm", pool=name)


def pool(azure: AzureWorld, name: str = "gpu") -> dict[str, Any]:
    """Its properties."""
    found = azure.arm.resource(azure.id_of(_POOL, "llm", name, region=THERE))["properties"]
    assert isinstance(found, dict)
    return found


async def scale(settings: dict[str, Any], **more: Any) -> Any:
    """The act's answer."""
    return await perform("scale.aks_nodepool", settings, within=WITHIN, **more)


async def test_only_the_count_changes(azure: AzureWorld) -> None:
    """All else of the pool is sent back as it was, with the decision among its tags."""
    settings = {**stand(azure, tags={"team": "llm"}), "replicas": 4}
    before = dict(pool(azure))
    done = await scale(settings)
    assert done.reason == "4 nodes are ready; before there were 2."
    told = {"currentOrchestratorVersion": "1.34.2", "powerState": {"code": "Running"}}
    assert pool(azure) == {**before, **told, "count": 4, "tags": {"team": "llm", "evac-epoch": "7"}}


async def test_an_autoscaler_keeps_at_least_so_many(azure: AzureWorld) -> None:
    """Its least is raised, and its most only as far as needed; an undo brings both back."""
    scaled = {"enableAutoScaling": True, "minCount": 1, "maxCount": 3}
    settings = {**stand(azure, **scaled), "replicas": 5}
    done = await scale(settings)
    assert [pool(azure)[key] for key in ("count", "minCount", "maxCount")] == [5, 5, 5]
    await perform("scale.aks_nodepool.undo", settings, within=WITHIN, before=done.before)
    assert [pool(azure)[key] for key in ("count", "minCount", "maxCount")] == [3, 1, 3]


async def test_an_autoscaler_may_not_take_away_what_runs(azure: AzureWorld) -> None:
    """Five run already, but it keeps only one: before traffic comes it would let the others go."""
    scaled = {"enableAutoScaling": True, "minCount": 1, "maxCount": 9}
    settings = {**stand(azure, count=5, **scaled), "replicas": 5}
    assert (await scale(settings)).changed is True
    assert [pool(azure)[key] for key in ("count", "minCount", "maxCount")] == [5, 5, 9]


async def test_a_stopped_pool_is_started(azure: AzureWorld) -> None:
    """And an undo stops it again, at the count that it had."""
    settings = {**stand(azure, count=3, powerState={"code": "Stopped"}), "replicas": 4}
    done = await scale(settings)
    assert (done.before["ready"], pool(azure)["count"], pool(azure)["powerState"]) == (0, 4, {"code": "Running"})
    await perform("scale.aks_nodepool.undo", settings, within=WITHIN, before=done.before)
    assert (pool(azure)["count"], pool(azure)["powerState"]) == (3, {"code": "Stopped"})


async def test_a_stopped_cluster_is_an_obstacle(azure: AzureWorld) -> None:
    """No pool of it can be sized."""
    settings = {**stand(azure), "replicas": 4}
    azure.put(_CLUSTER, "llm", region=THERE, properties={"powerState": {"code": "Stopped"}})
    check = await perform("scale.aks_nodepool.check", settings, within=WITHIN)
    assert (check.proved, check.before["error"]) == (False, "wrong-state")
    assert check.reason.startswith("The cluster llm is stopped")
    await refused("scale.aks_nodepool", settings, ErrorType.WRONG_STATE, within=WITHIN)


async def test_the_ladder_gives_what_is_missing(azure: AzureWorld) -> None:
    """Azure has no more of the size: what AKS says of that is read in its message, and the spot pool gives the rest."""
    settings = {**stand(azure, room=3), "replicas": 5, "ladder": [{"pool": "spot", "market": "spot"}]}
    stand(azure, "spot", 0, scaleSetPriority="Spot")
    done = await scale(settings)
    assert done.reason == "5 nodes are ready, with spot spot of its ladder; before there were 2."
    assert [pool(azure)["count"], pool(azure, "spot")["count"]] == [5, 2]
    await perform("scale.aks_nodepool.undo", settings, within=WITHIN, before=done.before)
    assert [pool(azure)["count"], pool(azure, "spot")["count"]] == [2, 0]


async def test_a_clear_stop_names_what_aks_said(azure: AzureWorld) -> None:
    """Of each rung."""
    settings = {**stand(azure, room=2), "replicas": 3}
    sentence = await refused("scale.aks_nodepool", settings, ErrorType.NO_CAPACITY, within=WITHIN)
    assert "has 2 of 3 nodes, and gets no more. Tried: gpu: " in sentence
    assert "AllocationFailed" in sentence
    seen = await perform("detect.aks_nodepool", settings)
    assert "The last change of the agent pool gpu has failed: ReconcileVMSSAgentPoolFailed" in seen.reason


async def test_what_is_under_way_comes_first(azure: AzureWorld) -> None:
    """Somebody else's change is waited for: AKS takes one at a time."""
    settings = {**stand(azure), "replicas": 4}
    await scale({**settings, "replicas": 3})
    pool(azure)["provisioningState"] = "Upgrading"
    check = await perform("scale.aks_nodepool.check", settings, within=WITHIN)
    assert check.proved is True
    sentence = await refused("scale.aks_nodepool", settings, ErrorType.BUSY, within=1.5)
    assert sentence == "gpu is being changed, and takes no other change: it is tried again."
    assert azure.asked(changes=True) == [_SIZE]


async def test_quotas_are_looked_at_before(azure: AzureWorld) -> None:
    """As of scale sets: a pool is one."""
    compute = azure.arm.provider(Compute)
    compute.used, compute.sizes = {"cores": (48, 60)}, {_A100: {"family": "standardNC", "cores": 24}}
    check = await perform("scale.aks_nodepool.check", {**stand(azure), "replicas": 3}, within=WITHIN)
    assert "The quota of westeurope for cores is 60 vCPUs, of which 48 are used" in check.reason


async def test_it_may_be_sized_by_what_the_other_region_runs(azure: AzureWorld) -> None:
    """Nodes there."""
    upstream = stand(azure, count=4, region=HERE)
    done = await scale({**stand(azure), "replicas": 3, "match": {"percent": 100}, "upstream": upstream})
    assert done.reason.endswith("100% of what eastus runs is 4 (4 there).")
