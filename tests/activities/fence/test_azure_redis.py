"""`fence.azure_redis`: the decision, and what proves it; the shape has tests of its own in tests/activities/handing."""

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.databases import redis, redis_cache, stand_redis, unlink_redis
from tests.azure.world import HERE, THERE, AzureWorld

_QUICK = {"connect_timeout": 0.5, "read_timeout": 0.5}


async def test_the_decision_is_kept(azure: AzureWorld) -> None:
    """Azure will demote it in the promotion: that is the proof, and an older decision is refused from then on."""
    stand_redis(azure, "llm")
    result = await perform("fence.azure_redis", redis(azure, "llm", HERE), within=20)
    assert (result.changed, result.proved) == (True, True)
    assert result.reason == (
        f"llm-{HERE} takes writes until the promotion: Azure makes it the secondary in the same failover, and deletes "
        "what it took meanwhile. Decision 7 was noted."
    )
    assert redis_cache(azure, "llm", HERE)["tags"] == {"team": "llm", "evac-epoch": "7"}
    late = await refused("fence.azure_redis", redis(azure, "llm", HERE), ErrorType.STALE_EPOCH, epoch=6, within=20)
    assert "7" in late


async def test_what_is_linked_to_nothing_is_not_proved(azure: AzureWorld) -> None:
    """No failover demotes it, and it takes writes of its own: a person decides."""
    stand_redis(azure, "llm")
    unlink_redis(azure, "llm")
    result = await perform("fence.azure_redis", redis(azure, "llm", HERE), within=20)
    assert result.proved is False
    assert result.reason.startswith(f"llm-{HERE} takes writes (linked to nothing), and no promotion stops them.")


async def test_a_silent_region_is_no_proof(azure: AzureWorld) -> None:
    """A person or a policy says whether the recovery may go on; a secondary needs no fence."""
    stand_redis(azure, "llm")
    azure.bend(f"@{HERE}", "refuse")
    result = await perform("fence.azure_redis", {**redis(azure, "llm", HERE), **_QUICK}, within=20)
    azure.straighten()
    assert (result.changed, result.proved) == (False, False)
    standby = await perform("fence.azure_redis", redis(azure, "llm", THERE), within=20)
    assert (standby.proved, standby.reason) == (
        True,
        f"llm-{THERE} takes no writes: it is a standby. Decision 7 was noted.",
    )
