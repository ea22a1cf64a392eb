from pathlib import Path
from typing import Any

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.attempt import Attempt
from tests.azure.databases import REDIS, REDIS_LINK, redis, redis_cache, redis_link, stand_redis, unlink_redis
from tests.azure.fakes.cache import Cache
from tests.azure.world import HERE, THERE, AzureWorld

_ORDER = f"{REDIS_LINK}/write"


def stood(azure: AzureWorld, **more: Any) -> dict[str, Any]:
    """The secondary's settings; the decision is noted, so that the failover is the only change."""
    stand_redis(azure, "llm")
    redis_cache(azure, "llm", THERE)["tags"]["evac-epoch"] = "7"
    return redis(azure, "llm", THERE, **more)


def roles(azure: AzureWorld) -> list[str | None]:
    """What each says of the other one."""
    return [(redis_link(azure, "llm", region) or {}).get("serverRole") for region in (HERE, THERE)]


def over(azure: AzureWorld) -> None:
    """Whatever goes on comes to its end."""
    for operation in azure.arm.operations.values():
        while not operation.over:
            operation.looks = 1
            operation.look()


async def test_a_dead_region_is_not_waited_for(azure: AzureWorld) -> None:
    """Its control plane hangs, and Azure cannot link its cache: the new primary takes writes all the same."""
    settings = stood(azure)
    azure.arm.provider(Cache).dead.add(HERE)
    azure.bend(f"@{HERE}", "hang")
    result = await perform("promote.azure_redis", settings, within=15)
    azure.straighten()
    assert result.reason == (
        f"llm-{THERE} takes writes: it was moved here, forced. It is being linked to llm-{HERE} (creating): what that "
        "one takes until then is deleted."
    )
    assert {call["region"] for call in azure.calls()} == {THERE}
    assert roles(azure) == ["Primary", "Secondary"]
    again = await perform("promote.azure_redis", settings, within=15)
    assert (again.changed, azure.asked(changes=True)) == (False, [_ORDER])


async def test_a_planned_one_names_its_primary(azure: AzureWorld) -> None:
    """A secondary of another cache is not what the plan has in mind."""
    settings = stood(azure, upstream=redis(azure, "other", HERE))
    sentence = await refused("promote.azure_redis", settings, ErrorType.WRONG_STATE, within=20)
    assert f"is linked to {redis_cache(azure, 'llm', HERE)['id']}, and not to " in sentence
    result = await perform("promote.azure_redis", {**settings, "upstream": redis(azure, "llm", HERE)}, within=20)
    assert result.reason.startswith(f"llm-{THERE} takes writes: it was moved here, planned.")
    assert roles(azure) == ["Primary", "Secondary"]


async def test_a_planned_one_wants_replication_to_be_well(azure: AzureWorld) -> None:
    """Azure has failed to make the link: nothing of it is in step."""
    settings = stood(azure, upstream=redis(azure, "llm", HERE))
    link = redis_link(azure, "llm", THERE)
    assert link is not None
    link["provisioningState"] = "Failed"
    sentence = await refused("promote.azure_redis", settings, ErrorType.NOT_YET, within=20)
    assert sentence.startswith(f"llm-{THERE} is Failed: it cannot have everything")
    assert azure.asked(changes=True) == []


async def test_what_is_linked_to_nothing_is_never_promoted(azure: AzureWorld) -> None:
    """To link it would delete what the other one has; with a decision of its own it is waited for, and not linked."""
    settings = redis(azure, "llm", THERE)
    stand_redis(azure, "llm")
    unlink_redis(azure, "llm")
    sentence = await refused("promote.azure_redis", settings, ErrorType.WRONG_STATE, within=20)
    assert sentence.startswith(f"llm-{THERE} is linked to nothing: it and its former primary may both take writes")
    redis_cache(azure, "llm", THERE)["tags"]["evac-epoch"] = "7"
    sentence = await refused("promote.azure_redis", settings, ErrorType.NOT_YET, within=4)
    assert sentence.startswith(f"llm-{THERE} in eu-west-1 is alone (linked to nothing) after 4 s")
    assert azure.asked(changes=True) == []


@pytest.mark.parametrize("planned", [True, False])
async def test_caches_of_another_size_are_found_by_the_check(azure: AzureWorld, *, planned: bool) -> None:
    """Azure would refuse the failover: that is said long before."""
    settings = stood(azure, **({"upstream": redis(azure, "llm", HERE)} if planned else {}))
    assert (await perform("promote.azure_redis.check", settings, within=20)).proved
    redis_cache(azure, "llm", THERE)["properties"]["sku"]["capacity"] = 2
    found = await perform("promote.azure_redis.check", settings, within=20)
    assert (found.proved, found.reason) == (
        False,
        f"llm-{THERE} is Premium P2 and llm-{HERE} Premium P1: Azure swaps caches of one size only; scale one.",
    )
    refusal = await refused("promote.azure_redis", settings, ErrorType.WRONG_STATE, within=20)
    assert "Failover needs caches of the same size; look at it." in refusal


async def test_the_check_does_not_wait_for_a_dead_region(azure: AzureWorld) -> None:
    """What is not known of the former primary stands in nobody's way."""
    settings = stood(azure)
    azure.bend(f"@{HERE}", "hang")
    found = await perform("promote.azure_redis.check", {**settings, "read_timeout": 0.5}, within=9)
    azure.straighten()
    assert (found.proved, found.reason) == (True, "promote.azure_redis could be done now.")


@pytest.mark.parametrize("code", ["InternalServerError", "Canceled"])
async def test_a_failover_that_ends_badly_says_why(azure: AzureWorld, code: str) -> None:
    """Failed or cancelled: a person looks, and the next attempt begins anew."""
    settings = stood(azure)
    azure.arm.looks = 0  # it ends before the old link is gone
    azure.arm.fail_next(redis_cache(azure, "llm", THERE)["id"], code, "The failover did not come to its end.")
    sentence = await refused("promote.azure_redis", settings, ErrorType.WRONG_STATE, within=20)
    assert "did not come to its end" in sentence
    assert roles(azure) == ["Secondary", "Primary"]
    azure.arm.looks = 2
    await perform("promote.azure_redis", settings, within=20)
    assert roles(azure) == ["Primary", "Secondary"]


@pytest.mark.parametrize("region", [HERE, THERE])
async def test_a_lock_forbids_it(azure: AzureWorld, region: str) -> None:
    """Nothing was changed; in a planned move that of the former primary counts, too: its data would be deleted."""
    settings = stood(azure, upstream=redis(azure, "llm", HERE))
    azure.arm.locks[azure.id_of(REDIS, f"llm-{region}", region=region)] = "ReadOnly"
    sentence = await refused("promote.azure_redis", settings, ErrorType.WRONG_STATE, within=20)
    assert sentence.startswith("The lock kept (ReadOnly, on ")
    assert azure.asked(changes=True) == []


@pytest.mark.parametrize("beaten", [True, False])
async def test_a_worker_that_dies_during_the_failover(azure: AzureWorld, tmp_path: Path, *, beaten: bool) -> None:
    """With its heartbeat or without, the next one waits for the same failover: it was ordered once."""
    settings = stood(azure)
    azure.arm.looks = 10**8
    first = Attempt("promote.azure_redis", settings)
    await first.killed_when(lambda: len(first.details) > 1 and _ORDER in azure.asked(), tmp_path)
    azure.arm.looks = 2
    for operation in azure.arm.operations.values():
        operation.looks = 6
    await Attempt("promote.azure_redis", settings, first.details if beaten else ()).run(tmp_path)
    over(azure)
    assert roles(azure) == ["Primary", "Secondary"]
    assert azure.asked(changes=True) == [_ORDER]
    assert redis_cache(azure, "llm", HERE)["data"] == "all"
