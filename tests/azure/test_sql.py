"""The fake of failover groups refuses what the service would."""

import pytest

from tests.azure.arm import Refusal, taken_apart
from tests.azure.databases import SQL_GROUP, sql_group, stand_sql
from tests.azure.world import HERE, THERE, AzureWorld


def fail_over(azure: AzureWorld, region: str, action: str = "failover") -> str:
    """How it is refused on that region's server; empty when it is not."""
    path = f"{azure.id_of(SQL_GROUP, f'llm-{region}', 'llm', region=region)}/{action}"
    try:
        azure.arm.serve(taken_apart("POST", path, {"api-version": "2025-01-01"}, {}, {}))
    except Refusal as refusal:
        return refusal.code
    return ""


def test_a_failover_is_asked_of_the_secondary(azure: AzureWorld) -> None:
    """The primary has nothing to take."""
    stand_sql(azure, "llm")
    assert fail_over(azure, HERE) == "InvalidFailoverTarget"


@pytest.mark.parametrize(
    ("action", "code"), [("failover", "GeoReplicationNotReady"), ("forceFailoverAllowDataLoss", "")]
)
def test_only_a_forced_one_does_without_replication(azure: AzureWorld, action: str, code: str) -> None:
    """Planned, nothing may be missing."""
    stand_sql(azure, "llm")
    sql_group(azure, "llm", THERE)["properties"]["replicationState"] = "SUSPENDED"
    assert fail_over(azure, THERE, action) == code


def test_a_second_one_is_refused_meanwhile(azure: AzureWorld) -> None:
    """One at a time."""
    stand_sql(azure, "llm")
    assert (fail_over(azure, THERE), fail_over(azure, THERE)) == ("", "ConflictingServerOperation")
