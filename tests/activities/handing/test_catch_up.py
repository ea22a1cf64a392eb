from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.databases import sql, sql_group, stand_sql
from tests.azure.world import HERE, THERE, AzureWorld


async def test_what_is_in_step_has_the_rest_from_azure(azure: AzureWorld) -> None:
    """Exactly everything is what Azure itself waits for when it moves the writer."""
    stand_sql(azure, "llm")
    settings = sql(azure, "llm", THERE, upstream=sql(azure, "llm", HERE))
    near = await perform("catch_up.azure_sql", settings, within=20)
    exact = await perform("catch_up.azure_sql", {**settings, "exact": True}, within=20)
    assert (near.changed, near.reason) == (False, f"llm-{THERE}/llm is in step (CATCH_UP).")
    assert exact.reason == f"{near.reason} Azure moves the writer only when nothing is missing."
    assert exact.proved


async def test_what_is_suspended_never_is(azure: AzureWorld) -> None:
    """It stays to be tried again."""
    stand_sql(azure, "llm")
    sql_group(azure, "llm", THERE)["properties"]["replicationState"] = "SUSPENDED"
    settings = sql(azure, "llm", THERE, upstream=sql(azure, "llm", HERE))
    sentence = await refused("catch_up.azure_sql", settings, ErrorType.NOT_YET, within=4)
    assert "is standby (SUSPENDED) after 4 s" in sentence
