"""`promote.azure_sql`: planned and forced; the shape has tests of its own in tests/activities/handing."""

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.databases import SQL_GROUP, sql, sql_group, stand_sql
from tests.azure.world import HERE, THERE, AzureWorld


def roles(azure: AzureWorld) -> tuple[str, str]:
    """Of the group on both servers."""
    here, there = (sql_group(azure, "llm", region)["properties"]["replicationRole"] for region in (HERE, THERE))
    return here, there


async def test_a_planned_failover_moves_the_writer(azure: AzureWorld) -> None:
    """Both servers change places."""
    stand_sql(azure, "llm")
    settings = sql(azure, "llm", THERE, upstream=sql(azure, "llm", HERE))
    result = await perform("promote.azure_sql", settings, within=20)
    assert "planned" in result.reason
    assert roles(azure) == ("Secondary", "Primary")
    assert any(one.endswith("failoverGroups/failover/action") for one in azure.asked(changes=True))


async def test_a_forced_one_allows_loss(azure: AzureWorld) -> None:
    """It is asked for by the operation's own name, and only there."""
    stand_sql(azure, "llm")
    result = await perform("promote.azure_sql", sql(azure, "llm", THERE), within=20)
    assert "forced" in result.reason
    assert roles(azure) == ("Secondary", "Primary")
    forced = "failoverGroups/forceFailoverAllowDataLoss/action"
    assert any(one.endswith(forced) for one in azure.asked(changes=True))


async def test_a_failover_that_fails_says_why(azure: AzureWorld) -> None:
    """A person looks; the writer is where it was."""
    stand_sql(azure, "llm")
    where = azure.id_of(SQL_GROUP, f"llm-{THERE}", "llm", region=THERE)
    azure.arm.fail_next(where, "FailoverFailed", "The failover did not come to its end.")
    sentence = await refused("promote.azure_sql", sql(azure, "llm", THERE), ErrorType.WRONG_STATE, within=20)
    assert "did not come to its end" in sentence
    assert roles(azure) == ("Primary", "Secondary")
