from typing import Any

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.databases import REDIS, redis, redis_link, stand_redis, tell_redis_lag, unlink_redis
from tests.azure.fakes.insights import tell_metric
from tests.azure.world import HERE, THERE, AzureWorld


def stood(azure: AzureWorld, **more: Any) -> dict[str, Any]:
    """A primary here, its secondary there: the secondary's settings."""
    stand_redis(azure, "llm")
    return redis(azure, "llm", THERE, upstream=redis(azure, "llm", HERE), **more)


async def test_what_was_in_step_lately_is_near(azure: AzureWorld) -> None:
    """Nothing is changed by looking."""
    settings = stood(azure)
    tell_redis_lag(azure, "llm", 4.0)
    result = await perform("catch_up.azure_redis", settings, within=20)
    assert (result.changed, result.proved) == (False, True)
    assert result.reason == f"llm-{THERE} is 4.0 s behind, which is near enough."
    assert azure.asked(changes=True) == []


async def test_that_nothing_is_missing_is_never_proved(azure: AzureWorld) -> None:
    """Writes go on until the promotion: a person decides, by what the primary has to send yet."""
    settings = stood(azure, exact=True)
    tell_redis_lag(azure, "llm", 1.0)
    first = await perform("catch_up.azure_redis", settings, within=20)
    assert (first.proved, "an unknown number of bytes are to be sent" in first.reason) == (False, True)
    at = first.observed_at or 0.0
    tell_metric(azure.arm, azure.id_of(REDIS, f"llm-{HERE}"), "GeoReplicationDataSyncOffset", 12.0, at)
    second = await perform("catch_up.azure_redis", settings, within=20)
    assert second.reason == (
        f"llm-{THERE} is 1.0 s behind, and about 12 bytes are to be sent by llm-{HERE}, which takes writes until the "
        "promotion: what is written in the last moments may be lost. Skip this step to accept that."
    )


@pytest.mark.parametrize(("seconds", "ago", "state"), [(90.0, 0, "Succeeded"), (1.0, 900, "Succeeded"), (1.0, 0, "x")])
async def test_it_waits_for_what_is_far_old_or_not_in_step(
    azure: AzureWorld, seconds: float, ago: float, state: str
) -> None:
    """An old value says nothing of now, and a link that is being made has not everything."""
    settings = stood(azure)
    tell_redis_lag(azure, "llm", seconds, ago=ago)
    link = redis_link(azure, "llm", THERE)
    assert link is not None
    link["provisioningState"] = state
    sentence = await refused("catch_up.azure_redis", settings, ErrorType.NOT_YET, within=4)
    assert sentence.endswith("and should have all but 15 s: look at its replication.")


async def test_who_follows_nobody_is_never_near(azure: AzureWorld) -> None:
    """It is said at once, and what to do."""
    settings = stood(azure)
    unlink_redis(azure, "llm")
    sentence = await refused("catch_up.azure_redis", settings, ErrorType.WRONG_STATE, within=20)
    assert sentence == f"llm-{THERE} is alone (linked to nothing), and follows not llm-{HERE}: reseed it first."
