from pathlib import Path
from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.attempt import Attempt
from tests.azure.databases import COSMOS, cosmos, cosmos_account, stand_cosmos
from tests.azure.world import HERE, THERE, AzureWorld

_OFFLINE, _CHANGE = f"{COSMOS}/offlineRegion/action", f"{COSMOS}/failoverPriorityChange/action"


def stood(azure: AzureWorld, **more: Any) -> dict[str, Any]:
    """The read region's settings; the decision is noted, so that the move is the only change."""
    stand_cosmos(azure, "llm")
    cosmos_account(azure, "llm")["tags"]["evac-epoch"] = "7"
    return cosmos(azure, "llm", THERE, **more)


def regions(azure: AzureWorld, key: str) -> list[str]:
    """Those of a list of the account."""
    return [one["locationName"] for one in cosmos_account(azure, "llm")["properties"][key]]


async def test_a_planned_move_changes_priorities(azure: AzureWorld) -> None:
    """Both regions stay online, and change places."""
    settings = stood(azure, upstream=cosmos(azure, "llm", HERE))
    result = await perform("promote.cosmosdb", settings, within=20)
    assert result.reason == f"llm in {THERE} takes writes: it was moved here, planned."
    assert regions(azure, "failoverPolicies") == ["West Europe", "East US"]
    assert regions(azure, "readLocations") == ["East US", "West Europe"]
    assert azure.asked(changes=True) == [_CHANGE]


async def test_a_forced_move_takes_the_write_region_offline(azure: AzureWorld) -> None:
    """The next one by priority takes the writes."""
    result = await perform("promote.cosmosdb", stood(azure), within=20)
    assert result.reason == f"llm in {THERE} takes writes: it was moved here, forced."
    assert regions(azure, "writeLocations") == ["West Europe"]
    assert regions(azure, "readLocations") == ["West Europe"]
    assert azure.asked(changes=True) == [_OFFLINE]


async def test_a_forced_move_goes_where_the_priorities_say(azure: AzureWorld) -> None:
    """Azure would move the writer elsewhere: nothing is taken offline."""
    settings = stood(azure)
    properties = cosmos_account(azure, "llm")["properties"]
    properties["failoverPolicies"][1]["failoverPriority"] = 2
    properties["failoverPolicies"].append({"locationName": "North Europe", "failoverPriority": 1})
    sentence = await refused("promote.cosmosdb", settings, ErrorType.WRONG_STATE, within=20)
    assert sentence == f"Azure would make North Europe the write region of llm: give {THERE} priority 1."
    assert azure.asked(changes=True) == []


async def test_with_many_write_regions_nothing_is_moved(azure: AzureWorld) -> None:
    """And no fence can be proved: no promotion stops the writes of the other region."""
    settings = stood(azure)
    cosmos_account(azure, "llm")["properties"]["enableMultipleWriteLocations"] = True
    sentence = await refused("promote.cosmosdb", settings, ErrorType.WRONG_STATE, within=20)
    fence = await perform("fence.cosmosdb", cosmos(azure, "llm", HERE), within=20)
    assert sentence == "Every region of the account is a write region: there is no writer to be moved."
    assert fence.proved is False


async def test_a_worker_that_dies_without_a_heartbeat(azure: AzureWorld, tmp_path: Path) -> None:
    """The next one sees that the account is being changed, and waits: the region was taken offline once."""
    settings = stood(azure)
    azure.arm.looks = 5
    await Attempt("promote.cosmosdb", settings).killed_when(lambda: _OFFLINE in azure.asked(), tmp_path)
    result = await Attempt("promote.cosmosdb", settings).run(tmp_path)
    assert result.after["role"] == "primary"
    assert azure.asked(changes=True) == [_OFFLINE]


async def test_a_move_that_was_cancelled_says_so(azure: AzureWorld) -> None:
    """A person looks; the write region is where it was."""
    settings = stood(azure)
    azure.arm.fail_next(azure.id_of(COSMOS, "llm"), "Canceled", "The operation was canceled by a user.")
    sentence = await refused("promote.cosmosdb", settings, ErrorType.WRONG_STATE, within=20)
    assert "canceled by a user" in sentence
    assert regions(azure, "writeLocations") == ["East US"]
