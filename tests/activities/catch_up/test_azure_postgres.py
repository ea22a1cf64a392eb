from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.databases import postgres, stand_postgres, tell_lag, tell_unsent
from tests.azure.world import HERE, THERE, AzureWorld


def pair(azure: AzureWorld, **more: Any) -> dict[str, Any]:
    """A primary and its replica."""
    stand_postgres(azure, "llm")
    return postgres(azure, "llm", THERE, upstream=postgres(azure, "llm", HERE), **more)


async def test_near_is_a_matter_of_seconds(azure: AzureWorld) -> None:
    """What the planner says of bytes is not asked."""
    settings = pair(azure, within_bytes=1024, near=5)
    tell_lag(azure, "llm", 4.0)
    result = await perform("catch_up.azure_postgres", settings, within=20)
    assert (result.changed, result.reason) == (False, f"llm-{THERE} is 4.0 s behind, which is near enough.")


async def test_a_lagging_replica_is_said_with_numbers(azure: AzureWorld) -> None:
    """It stays to be tried again."""
    settings = pair(azure)
    tell_lag(azure, "llm", 400.0)
    sentence = await refused("catch_up.azure_postgres", settings, ErrorType.NOT_YET, within=4)
    assert sentence == f"llm-{THERE} is 400.0 s behind, and should have all but 60 s: look at its replication."


async def test_what_was_never_measured_is_not_near(azure: AzureWorld) -> None:
    """Unknown is never taken for good."""
    sentence = await refused("catch_up.azure_postgres", pair(azure), ErrorType.NOT_YET, within=4)
    assert sentence.startswith(f"llm-{THERE} is behind by an amount that Azure Monitor has not told for an hour")


async def test_exactly_everything_needs_a_fence(azure: AzureWorld) -> None:
    """An unfenced primary writes on."""
    sentence = await refused("catch_up.azure_postgres", pair(azure, exact=True), ErrorType.WRONG_STATE, within=20)
    assert sentence == f"llm-{HERE} is not fenced, and may write on: fence it first."


async def test_what_was_heard_before_the_fence_proves_nothing(azure: AzureWorld) -> None:
    """Nothing was to be sent a minute ago; since then something may have been written."""
    settings = pair(azure, exact=True)
    tell_unsent(azure, "llm", 0.0, ago=60)
    tell_lag(azure, "llm", 0.0, ago=60)
    await perform("fence.azure_postgres", settings["upstream"], within=20)
    tell_unsent(azure, "llm", 512.0, ago=-10)
    sentence = await refused("catch_up.azure_postgres", settings, ErrorType.NOT_YET, within=4)
    assert "should have everything from before the fence" in sentence


async def test_a_newer_transaction_proves_it_too(azure: AzureWorld) -> None:
    """Behind a fence the age of the newest transaction grows: it must be one of after the fence."""
    settings = pair(azure, exact=True)
    await perform("fence.azure_postgres", settings["upstream"], within=20)
    tell_lag(azure, "llm", 20.0, ago=-30)
    result = await perform("catch_up.azure_postgres", settings, within=20)
    assert result.reason == f"llm-{THERE} has everything from before the fence."
