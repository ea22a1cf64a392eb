from pathlib import Path
from typing import Any

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.attempt import Attempt
from tests.azure.databases import POSTGRES, postgres, server, stand_postgres
from tests.azure.world import HERE, THERE, AzureWorld

_WRITE = f"{POSTGRES}/write"


def stood(azure: AzureWorld, *, endpoint: bool = True, **more: Any) -> dict[str, Any]:
    """A primary here, its replica there: the replica's settings."""
    stand_postgres(azure, "llm", endpoint=endpoint)
    return postgres(azure, "llm", THERE, **more)


def roles(azure: AzureWorld) -> tuple[str, str]:
    """Of both."""
    here, there = (server(azure, "llm", region)["properties"]["replicationRole"] for region in (HERE, THERE))
    return here, there


async def test_a_forced_promotion_asks_nothing_of_the_region_that_is_left(azure: AzureWorld) -> None:
    """Its control plane hangs: whoever waits for it loses the time of the recovery."""
    settings = stood(azure)
    azure.bend(f"@{HERE}", "hang")
    result = await perform("promote.azure_postgres", settings, within=10)
    azure.straighten()
    assert result.reason == f"llm-{THERE} takes writes: Switchover, forced, from llm-{HERE}."
    assert {call["region"] for call in azure.calls()} == {THERE}
    assert roles(azure) == ("GeoAsyncReplica", "Primary")


async def test_a_planned_one_needs_a_fence(azure: AzureWorld) -> None:
    """Otherwise its clients would lose what they write."""
    settings = stood(azure, upstream=postgres(azure, "llm", HERE))
    sentence = await refused("promote.azure_postgres", settings, ErrorType.WRONG_STATE, within=20)
    assert sentence.startswith(f"llm-{HERE} is not fenced")
    await perform("fence.azure_postgres", settings["upstream"], within=20)
    result = await perform("promote.azure_postgres", settings, within=20)
    assert result.reason == f"llm-{THERE} takes writes: Switchover, planned, from llm-{HERE}."
    assert roles(azure) == ("GeoAsyncReplica", "Primary")


async def test_a_planned_one_wants_replication_to_be_well(azure: AzureWorld) -> None:
    """Azure would wait for what never comes."""
    settings = stood(azure, upstream=postgres(azure, "llm", HERE))
    await perform("fence.azure_postgres", settings["upstream"], within=20)
    server(azure, "llm", THERE)["properties"]["replica"]["replicationState"] = "Broken"
    sentence = await refused("promote.azure_postgres", settings, ErrorType.NOT_YET, within=20)
    assert sentence == f"The replication of llm-{THERE} is Broken: Azure would not bring it to an end."


async def test_without_a_virtual_endpoint_the_check_says_so(azure: AzureWorld) -> None:
    """Long before it is needed; and what can be done about it."""
    settings = stood(azure, endpoint=False)
    found = await perform("promote.azure_postgres.check", settings, within=20)
    assert found.proved is False
    assert found.reason == (
        f"No virtual endpoint of llm-{HERE} leads to llm-{THERE}: Azure would not swap them. Make one with it as the "
        "reader, or set standalone."
    )
    alone = {**settings, "standalone": True}
    assert (await perform("promote.azure_postgres.check", alone, within=20)).proved
    result = await perform("promote.azure_postgres", alone, within=20)
    assert result.reason == f"llm-{THERE} takes writes: Standalone, forced, from llm-{HERE}."
    assert roles(azure) == ("None", "None")


async def test_a_lock_forbids_it(azure: AzureWorld) -> None:
    """Nothing was changed, and it is said who must remove what."""
    settings = stood(azure)
    azure.arm.locks[azure.id_of(POSTGRES, settings["server"], region=THERE)] = "ReadOnly"
    sentence = await refused("promote.azure_postgres", settings, ErrorType.WRONG_STATE, within=20)
    assert sentence.startswith("The lock kept (ReadOnly, on ")
    assert azure.asked(changes=True) == []


@pytest.mark.parametrize("code", ["InternalServerError", "Canceled"])
async def test_a_promotion_that_ends_badly_says_why(azure: AzureWorld, code: str) -> None:
    """Failed or cancelled: a person looks, and the next attempt begins anew."""
    settings = stood(azure)
    await perform("promote.azure_postgres.check", settings, within=20)
    azure.arm.looks = 1
    where = azure.id_of(POSTGRES, settings["server"], region=THERE)
    server(azure, "llm", THERE)["tags"]["evac-epoch"] = "7"  # noted already: the promotion is the next operation
    azure.arm.fail_next(where, code, "The promotion did not come to its end.")
    sentence = await refused("promote.azure_postgres", settings, ErrorType.WRONG_STATE, within=20)
    assert "did not come to its end" in sentence
    assert roles(azure) == ("Primary", "GeoAsyncReplica")
    await perform("promote.azure_postgres", settings, within=20)
    assert roles(azure) == ("GeoAsyncReplica", "Primary")


async def test_a_worker_that_dies_before_its_first_poll(azure: AzureWorld, tmp_path: Path) -> None:
    """With its heartbeat the next one only polls; the promotion was sent once."""
    settings = stood(azure)
    server(azure, "llm", THERE)["tags"]["evac-epoch"] = "7"
    azure.arm.looks = 10**9
    first = Attempt("promote.azure_postgres", settings)
    await first.killed_when(lambda: len(first.details) > 1, tmp_path)
    for operation in azure.arm.operations.values():
        operation.looks = 2
    await Attempt("promote.azure_postgres", settings, first.details).run(tmp_path)
    assert roles(azure) == ("GeoAsyncReplica", "Primary")
    assert azure.asked(changes=True) == [_WRITE]


async def test_a_worker_that_dies_without_a_heartbeat(azure: AzureWorld, tmp_path: Path) -> None:
    """The next one sees that the server is being changed, and waits: the promotion was sent once."""
    settings = stood(azure)
    server(azure, "llm", THERE)["tags"]["evac-epoch"] = "7"
    azure.arm.looks = 4
    await Attempt("promote.azure_postgres", settings).killed_when(lambda: _WRITE in azure.asked(), tmp_path)
    await Attempt("promote.azure_postgres", settings).run(tmp_path)
    assert roles(azure) == ("GeoAsyncReplica", "Primary")
    assert azure.asked(changes=True) == [_WRITE]
