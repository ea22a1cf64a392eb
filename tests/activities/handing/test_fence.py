from tests.activities.calls import perform
from tests.azure.databases import SQL, sql, stand_sql
from tests.azure.world import HERE, THERE, AzureWorld

_QUICK = {"connect_timeout": 0.5, "read_timeout": 0.5}


async def test_a_primary_is_demoted_by_the_promotion(azure: AzureWorld) -> None:
    """That is said, and the decision is kept: each group of the server has its own."""
    stand_sql(azure, "llm")
    result = await perform("fence.azure_sql", sql(azure, "llm", HERE), within=20)
    assert result.proved
    assert result.reason == (
        f"llm-{HERE}/llm takes writes until the promotion: Azure makes it the secondary in the same operation. "
        "Decision 7 was noted."
    )
    tags = azure.arm.resource(azure.id_of(SQL, f"llm-{HERE}"))["tags"]
    assert tags == {"team": "llm", "evac-epoch-llm": "7"}


async def test_a_region_whose_control_plane_is_silent_is_no_proof(azure: AzureWorld) -> None:
    """Refusing or hanging: the recovery goes on, and a person or a policy says whether it may."""
    stand_sql(azure, "llm")
    for mode in ("refuse", "hang"):
        azure.bend(f"@{HERE}", mode)
        result = await perform("fence.azure_sql", {**sql(azure, "llm", HERE), **_QUICK}, within=20)
        azure.straighten()
        assert (result.changed, result.proved) == (False, False)
        assert result.reason.startswith("it in eu-west-1 may still take writes.")


async def test_a_standby_takes_no_writes(azure: AzureWorld) -> None:
    """The decision is kept there, too."""
    stand_sql(azure, "llm")
    result = await perform("fence.azure_sql", sql(azure, "llm", THERE), within=20)
    assert (result.proved, result.reason) == (
        True,
        f"llm-{THERE}/llm takes no writes: it is a standby. Decision 7 was noted.",
    )
