"""PostgreSQL's whole story on Azure, planned and carried out: failover, failback and switchover."""

from collections.abc import Callable

import pytest

from runbooks.models import Procedure, Runbook
from runbooks.plan import Step
from runbooks.steps import Verb
from tests.activities.story import carried_out, looked, planned, runbook
from tests.azure.databases import postgres, server, stand_postgres, tell_lag, tell_unsent
from tests.azure.world import HERE, THERE, AzureWorld


def stood(azure: AzureWorld) -> Runbook:
    """A primary here, its replica there, and their runbook."""
    stand_postgres(azure, "llm")
    tell_lag(azure, "llm", 1.0, ago=100)
    return runbook("azure_postgres", {region: postgres(azure, "llm", region) for region in (HERE, THERE)})


def measuring(azure: AzureWorld) -> Callable[[Step], None]:
    """Before a wait, Azure Monitor has heard of both since whatever was done last."""
    told = iter((-20, -22, -24, -26, -28))

    def before(step: Step) -> None:
        if step.verb is Verb.CATCH_UP:
            ago = next(told)
            for region in (HERE, THERE):
                tell_lag(azure, "llm", 0.0, region=region, ago=ago)
                tell_unsent(azure, "llm", 0.0, region=region, ago=ago)

    return before


def roles(azure: AzureWorld) -> tuple[str, str]:
    """Of both."""
    here, there = (server(azure, "llm", region)["properties"]["replicationRole"] for region in (HERE, THERE))
    return here, there


async def test_there_and_back(azure: AzureWorld) -> None:
    """The roles are swapped, the former primary follows, and everything is led home without loss."""
    book = stood(azure)
    there = await planned(book, Procedure.FAILOVER, HERE)
    assert [step.id for step in there.steps] == [f"fence.vector-db.{HERE}", f"promote.vector-db.{THERE}"]
    assert there.refusals == ()
    await carried_out(there, epoch=7)
    assert roles(azure) == ("GeoAsyncReplica", "Primary")
    writers = [reading.region for reading in (await looked(book)).readings if reading.values["read_only"] is False]
    assert writers == [THERE]
    tell_lag(azure, "llm", 1.0, region=HERE)
    back = await planned(book, Procedure.FAILBACK, THERE)
    assert back.refusals == ()
    await carried_out(back, epoch=8, before=measuring(azure))
    assert roles(azure) == ("Primary", "GeoAsyncReplica")
    values = {name: server(azure, "llm", name).get("parameters", {}) for name in (HERE, THERE)}
    assert {value.get("default_transaction_read_only", "off") for value in values.values()} == {"off"}


async def test_a_switchover_loses_nothing(azure: AzureWorld) -> None:
    """The same out of a living region."""
    book = stood(azure)
    plan = await planned(book, Procedure.SWITCHOVER, HERE)
    assert plan.refusals == ()
    assert plan.loss[0].seconds == 0.0
    await carried_out(plan, epoch=7, before=measuring(azure))
    assert roles(azure) == ("GeoAsyncReplica", "Primary")


async def test_a_failover_of_a_silent_region_needs_a_word(azure: AzureWorld) -> None:
    """Its fence cannot be proved, and how much is lost is bounded by the lag's last value."""
    book = stood(azure)
    azure.bend(f"@{HERE}", "refuse")
    plan = await planned(book, Procedure.FAILOVER, HERE)
    assert [refusal.name for refusal in plan.refusals] == ["unproved-fence:vector-db"]
    assert plan.loss[0].seconds == pytest.approx(101, abs=20)
    results = await carried_out(plan, epoch=7)
    azure.straighten()
    assert results[f"fence.vector-db.{HERE}"].proved is False
    assert roles(azure) == ("GeoAsyncReplica", "Primary")
