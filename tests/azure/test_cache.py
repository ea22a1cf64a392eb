"""The fake of Azure Cache for Redis refuses what the service would, and shows a failover as it does."""

from typing import Any

import pytest

from tests.azure.arm import Answer, Body, Refusal
from tests.azure.asking import ask
from tests.azure.databases import redis_cache, redis_link, stand_redis, unlink_redis
from tests.azure.fakes.cache import Cache
from tests.azure.world import HERE, THERE, AzureWorld

_VERSION = "2024-11-01"


def linked(azure: AzureWorld, region: str, other: str, **more: Any) -> Answer:
    """A PUT of that region's cache, by which the other one is its secondary."""
    secondary = redis_cache(azure, "llm", other)
    properties: Body = {"linkedRedisCacheId": secondary["id"], "linkedRedisCacheLocation": other, **more}
    body = {"properties": {"serverRole": "Secondary", **properties}}
    where = f"{redis_cache(azure, 'llm', region)['id']}/linkedServers/{secondary['name']}"
    return ask(azure, "PUT", where, _VERSION, body)


def refusal(azure: AzureWorld, region: str, other: str, **more: Any) -> str:
    """The code of its refusal."""
    with pytest.raises(Refusal) as caught:
        linked(azure, region, other, **more)
    return caught.value.code


def shown(azure: AzureWorld, region: str) -> tuple[str, str]:
    """The role of the other one, and how the link stands."""
    link = redis_link(azure, "llm", region)
    assert link is not None
    return link["serverRole"], link["provisioningState"]


def test_a_failover_deletes_the_old_link_and_makes_the_new_one(azure: AzureWorld) -> None:
    """Both caches are busy until it ends; then the former primary has what the new one has."""
    stand_redis(azure, "llm")
    redis_cache(azure, "llm", HERE)["data"] = "more"
    assert linked(azure, THERE, HERE).status == 201
    assert refusal(azure, THERE, HERE) == "Conflict"
    with pytest.raises(Refusal) as caught:
        ask(azure, "PATCH", redis_cache(azure, "llm", HERE)["id"], _VERSION, {"tags": {}})
    assert caught.value.code == "Conflict"
    seen = [("Primary", "Deleting")]
    while seen[-1] != ("Secondary", "Succeeded"):
        seen.append(shown(azure, THERE))
    assert list(dict.fromkeys(seen)) == [("Primary", "Deleting"), ("Secondary", "Creating"), ("Secondary", "Succeeded")]
    assert (shown(azure, HERE), redis_cache(azure, "llm", HERE)["data"]) == (("Primary", "Succeeded"), "all")
    assert linked(azure, THERE, HERE).status == 200


def test_a_dead_region_is_linked_for_ever(azure: AzureWorld) -> None:
    """The new primary is one, whatever becomes of the link."""
    stand_redis(azure, "llm")
    azure.arm.provider(Cache).dead.add(HERE)
    linked(azure, THERE, HERE)
    seen = [shown(azure, THERE) for _ in range(20)]
    assert seen[-1] == ("Secondary", "Creating")


def test_an_unlinked_pair_is_two_caches(azure: AzureWorld) -> None:
    """Each keeps what it has; linking them deletes what the secondary has."""
    stand_redis(azure, "llm")
    unlink_redis(azure, "llm")
    redis_cache(azure, "llm", HERE)["data"] = "strays"
    linked(azure, THERE, HERE)
    while shown(azure, HERE) != ("Primary", "Succeeded"):
        pass
    assert redis_cache(azure, "llm", HERE)["data"] == "all"


@pytest.mark.parametrize(
    ("properties", "apart"),
    [({"capacity": 2}, False), ({"name": "Standard"}, True), ({"capacity": 0}, True), ({"shardCount": 2}, True)],
)
def test_unlike_caches_are_refused(azure: AzureWorld, properties: Body, *, apart: bool) -> None:
    """For a failover they must be of one size; for a link the secondary not smaller, of one tier and shard count."""
    stand_redis(azure, "llm")
    if apart:
        unlink_redis(azure, "llm")
    former = redis_cache(azure, "llm", HERE)["properties"]
    former.update({key: value for key, value in properties.items() if key == "shardCount"})
    former["sku"].update({key: value for key, value in properties.items() if key != "shardCount"})
    assert refusal(azure, THERE, HERE) == "InvalidRequestBody"


def test_a_cache_has_one_link(azure: AzureWorld) -> None:
    """And what is asked must be the cache that is named."""
    stand_redis(azure, "llm")
    assert refusal(azure, THERE, HERE, linkedRedisCacheLocation="nowhere") == "InvalidRequestBody"
    other = azure.put("Microsoft.Cache/redis", "third", region=HERE, properties={"sku": {"name": "Premium"}})
    body = {"linkedRedisCacheId": other["id"], "linkedRedisCacheLocation": HERE, "serverRole": "Secondary"}
    where = f"{redis_cache(azure, 'llm', THERE)['id']}/linkedServers/third"
    with pytest.raises(Refusal) as caught:
        ask(azure, "PUT", where, _VERSION, {"properties": body})
    assert "already linked to another cache" in caught.value.message
