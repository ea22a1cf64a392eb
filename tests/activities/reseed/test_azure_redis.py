from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.databases import REDIS_LINK, redis, redis_cache, redis_link, stand_redis, unlink_redis
from tests.azure.fakes.cache import Cache
from tests.azure.world import HERE, THERE, AzureWorld

_ORDER = f"{REDIS_LINK}/write"


def follower(azure: AzureWorld, **more: Any) -> dict[str, Any]:
    """The former primary's settings."""
    return redis(azure, "llm", HERE, upstream=redis(azure, "llm", THERE), **more)


async def test_azure_has_linked_it(azure: AzureWorld) -> None:
    """As soon as its region is back; this waits, and orders nothing."""
    stand_redis(azure, "llm")
    azure.arm.provider(Cache).dead.add(HERE)
    await perform("promote.azure_redis", redis(azure, "llm", THERE), within=20)
    sentence = await refused("reseed.azure_redis", follower(azure), ErrorType.NOT_YET, within=4)
    assert sentence.startswith(f"llm-{HERE} in eu-west-1 is standby (Creating, itself Linking) after 4 s")
    for operation in azure.arm.operations.values():
        operation.looks = min(operation.looks, 3)
    result = await perform("reseed.azure_redis", follower(azure), within=20)
    assert result.reason == f"llm-{HERE} is a standby (Succeeded)."
    assert azure.asked(changes=True).count(_ORDER) == 1
    assert redis_cache(azure, "llm", HERE)["tags"]["evac-epoch"] == "7"


async def test_what_was_unlinked_is_linked_again(azure: AzureWorld) -> None:
    """By the primary, of which it is the secondary; what only it had is deleted."""
    stand_redis(azure, "llm")
    unlink_redis(azure, "llm")
    redis_cache(azure, "llm", HERE)["data"] = "strays"
    result = await perform("reseed.azure_redis", follower(azure), within=20)
    assert (result.changed, redis_cache(azure, "llm", HERE)["data"]) == (True, "all")
    assert [(redis_link(azure, "llm", region) or {})["serverRole"] for region in (HERE, THERE)] == [
        "Primary",
        "Secondary",
    ]


async def test_nothing_follows_a_standby_or_another_pair(azure: AzureWorld) -> None:
    """Each is a sentence, and nothing is changed."""
    stand_redis(azure, "llm")
    twisted = redis(azure, "llm", THERE, upstream=redis(azure, "other", HERE))
    sentence = await refused("reseed.azure_redis", twisted, ErrorType.WRONG_STATE, within=20)
    assert sentence.endswith(f"and not to other-{HERE}: look at both.")
    stand_redis(azure, "lone")
    unlink_redis(azure, "lone")
    given = redis(azure, "lone", HERE, upstream=redis(azure, "llm", THERE))
    sentence = await refused("reseed.azure_redis", given, ErrorType.WRONG_STATE, within=20)
    assert "nothing can follow it. Look where the writer is." in sentence
    given = redis(azure, "lone", HERE, upstream=redis(azure, "llm", HERE))
    sentence = await refused("reseed.azure_redis", given, ErrorType.WRONG_STATE, within=20)
    assert "Azure links two caches only: unlink them first." in sentence
    assert azure.asked(changes=True) == []


async def test_another_size_could_not_be_led_home(azure: AzureWorld) -> None:
    """Azure would link a larger one, and then refuse every failover."""
    stand_redis(azure, "llm")
    unlink_redis(azure, "llm")
    redis_cache(azure, "llm", HERE)["properties"]["sku"]["capacity"] = 3
    sentence = await refused("reseed.azure_redis", follower(azure), ErrorType.WRONG_STATE, within=20)
    assert sentence.startswith(f"llm-{HERE} is Premium P3 and llm-{THERE} Premium P1: ")
