from pathlib import Path
from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.attempt import Attempt
from tests.azure.databases import STORAGE, stand_storage, storage, storage_account
from tests.azure.world import HERE, THERE, AzureWorld

_FAILOVER = f"{STORAGE}/failover/action"


def stood(azure: AzureWorld, **more: Any) -> dict[str, Any]:
    """The copy's settings; the decision is noted, so that the failover is the only change."""
    stand_storage(azure, "llm")
    storage_account(azure, "llm")["tags"]["evac-epoch"] = "7"
    return storage(azure, "llm", THERE, **more)


def places(azure: AzureWorld) -> tuple[str, str | None, str]:
    """Both regions, and the redundancy."""
    account = storage_account(azure, "llm")
    properties = account["properties"]
    return properties["primaryLocation"], properties["secondaryLocation"], account["sku"]["name"]


async def test_a_planned_failover_swaps_the_regions(azure: AzureWorld) -> None:
    """The account stays geo-redundant."""
    settings = stood(azure, upstream=storage(azure, "llm", HERE))
    result = await perform("promote.azure_storage", settings, within=20)
    assert result.reason == f"llm in {THERE} takes writes: it was moved here, planned."
    assert places(azure) == (THERE, HERE, "Standard_RAGRS")


async def test_a_forced_one_leaves_one_region(azure: AzureWorld) -> None:
    """That it is forced is asked for by saying nothing: the library's own default is a planned one."""
    result = await perform("promote.azure_storage", stood(azure), within=20)
    assert result.reason == f"llm in {THERE} takes writes: it was moved here, forced."
    assert places(azure) == (THERE, None, "Standard_LRS")
    assert azure.asked(changes=True) == [_FAILOVER]


async def test_what_azure_cannot_move_is_said_beforehand(azure: AzureWorld) -> None:
    """Such as an account with what does not fail over."""
    settings = stood(azure)
    storage_account(azure, "llm")["properties"]["geoReplicationStats"]["canFailover"] = False
    sentence = await refused("promote.azure_storage", settings, ErrorType.WRONG_STATE, within=20)
    found = await perform("promote.azure_storage.check", settings, within=20)
    assert sentence == "Azure says that llm cannot fail over: look at what it holds, and at its replication."
    assert (found.proved, found.reason) == (False, sentence)


async def test_a_worker_that_dies_without_a_heartbeat(azure: AzureWorld, tmp_path: Path) -> None:
    """The next one sees that the account is failing over, and waits: it was ordered once."""
    settings = stood(azure)
    azure.arm.looks = 5
    await Attempt("promote.azure_storage", settings).killed_when(lambda: _FAILOVER in azure.asked(), tmp_path)
    await Attempt("promote.azure_storage", settings).run(tmp_path)
    assert places(azure) == (THERE, None, "Standard_LRS")
    assert azure.asked(changes=True) == [_FAILOVER]


async def test_a_failover_that_fails_says_why(azure: AzureWorld) -> None:
    """A person looks; it is written where it was."""
    settings = stood(azure)
    azure.arm.fail_next(azure.id_of(STORAGE, "llm"), "AccountFailoverFailed", "The failover did not come to its end.")
    sentence = await refused("promote.azure_storage", settings, ErrorType.WRONG_STATE, within=20)
    assert "did not come to its end" in sentence
    assert places(azure) == (HERE, THERE, "Standard_RAGRS")
