from pathlib import Path
from typing import Any

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.attempt import Attempt
from tests.azure.databases import SQL, SQL_GROUP, sql, sql_group, stand_sql
from tests.azure.world import HERE, THERE, AzureWorld

_FORCED = f"{SQL_GROUP}/forceFailoverAllowDataLoss/action"


def roles(azure: AzureWorld) -> tuple[str, str]:
    """On both servers."""
    here, there = (sql_group(azure, "llm", region)["properties"]["replicationRole"] for region in (HERE, THERE))
    return here, there


def stood(azure: AzureWorld, **more: Any) -> dict[str, Any]:
    """The secondary's settings; the decision is noted, so that the failover is the only change."""
    stand_sql(azure, "llm")
    azure.arm.resource(azure.id_of(SQL, f"llm-{THERE}", region=THERE))["tags"]["evac-epoch-llm"] = "7"
    return sql(azure, "llm", THERE, **more)


async def test_a_forced_move_asks_nothing_of_the_region_that_is_left(azure: AzureWorld) -> None:
    """Its control plane hangs."""
    settings = stood(azure)
    azure.bend(f"@{HERE}", "hang")
    result = await perform("promote.azure_sql", settings, within=10)
    azure.straighten()
    assert result.reason == f"llm-{THERE}/llm takes writes: it was moved here, forced."
    assert {call["region"] for call in azure.calls()} == {THERE}
    assert roles(azure) == ("Secondary", "Primary")
    assert azure.asked(changes=True) == [_FORCED]


async def test_a_planned_move_loses_nothing(azure: AzureWorld) -> None:
    """Azure's own planned failover is asked for, which waits until nothing is missing."""
    settings = stood(azure, upstream=sql(azure, "llm", HERE))
    result = await perform("promote.azure_sql", settings, within=20)
    assert result.reason == f"llm-{THERE}/llm takes writes: it was moved here, planned."
    assert azure.asked(changes=True) == [f"{SQL_GROUP}/failover/action"]


async def test_a_planned_move_wants_replication_to_be_well(azure: AzureWorld) -> None:
    """What is being seeded has not everything."""
    settings = stood(azure, upstream=sql(azure, "llm", HERE))
    sql_group(azure, "llm", THERE)["properties"]["replicationState"] = "SEEDING"
    sentence = await refused("promote.azure_sql", settings, ErrorType.NOT_YET, within=20)
    assert sentence == (
        f"llm-{THERE}/llm is SEEDING: it cannot have everything of its primary; look at its replication."
    )
    assert azure.asked(changes=True) == []


@pytest.mark.parametrize("code", ["GeoReplicationError", "Canceled"])
async def test_a_move_that_ends_badly_says_why(azure: AzureWorld, code: str) -> None:
    """Failed or cancelled: a person looks, and the next attempt begins anew."""
    settings = stood(azure)
    where = azure.id_of(SQL_GROUP, f"llm-{THERE}", "llm", region=THERE)
    azure.arm.fail_next(where, code, "The failover did not come to its end.")
    sentence = await refused("promote.azure_sql", settings, ErrorType.WRONG_STATE, within=20)
    assert "did not come to its end" in sentence
    assert roles(azure) == ("Primary", "Secondary")
    await perform("promote.azure_sql", settings, within=20)
    assert roles(azure) == ("Secondary", "Primary")


async def test_a_lock_forbids_it(azure: AzureWorld) -> None:
    """Nothing was changed."""
    settings = stood(azure)
    azure.arm.locks[azure.id_of(SQL, settings["server"], region=THERE)] = "ReadOnly"
    sentence = await refused("promote.azure_sql", settings, ErrorType.WRONG_STATE, within=20)
    assert sentence.startswith("The lock kept (ReadOnly, on ")
    assert azure.asked(changes=True) == []


async def test_a_worker_that_dies_before_its_first_poll(azure: AzureWorld, tmp_path: Path) -> None:
    """With its heartbeat the next one only polls; the failover was sent once."""
    settings = stood(azure)
    azure.arm.looks = 10**9
    first = Attempt("promote.azure_sql", settings)
    await first.killed_when(lambda: len(first.details) > 1, tmp_path)
    for operation in azure.arm.operations.values():
        operation.looks = 4
    await Attempt("promote.azure_sql", settings, first.details).run(tmp_path)
    assert roles(azure) == ("Secondary", "Primary")
    assert azure.asked(changes=True) == [_FORCED]
