from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.databases import sql, sql_group, stand_sql
from tests.azure.world import HERE, THERE, AzureWorld


async def test_the_former_primary_comes_back_late(azure: AzureWorld) -> None:
    """Its region is not back yet: it is waited for; and then it is proved."""
    stand_sql(azure, "llm")
    await perform("promote.azure_sql", sql(azure, "llm", THERE), within=20)
    settings = sql(azure, "llm", HERE, upstream=sql(azure, "llm", THERE))
    group = sql_group(azure, "llm", HERE)["properties"]
    group["replicationState"] = "SUSPENDED"
    sentence = await refused("reseed.azure_sql", settings, ErrorType.NOT_YET, within=4)
    assert sentence == (
        f"llm-{HERE}/llm in eu-west-1 is standby (SUSPENDED) after 4 s, and should be a standby that is in step: "
        "look at it."
    )
    group["replicationState"] = "CATCH_UP"
    result = await perform("reseed.azure_sql", settings, within=20)
    assert result.reason == f"llm-{HERE}/llm is a standby already."
