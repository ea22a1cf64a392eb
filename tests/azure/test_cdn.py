"""The fake of Front Door takes what Azure would, and nothing else."""

from typing import Any

import pytest

from tests.azure.asking import ask, refused
from tests.azure.doors import GROUP, KIND, put_door, states
from tests.azure.world import AzureWorld

VERSION = "2026-10-01"


def origin(azure: AzureWorld, word: str) -> str:
    """Where it is."""
    return azure.id_of(f"{KIND}/originGroups/origins", "llm", GROUP, word)


def state(word: str) -> dict[str, Any]:
    """A change to it."""
    return {"properties": {"enabledState": word}}


def test_one_change_of_an_origin_at_a_time(azure: AzureWorld) -> None:
    """Until its operation has ended, which is looked at in the resource group."""
    put_door(azure, "llm", old="Enabled", new="Disabled")
    begun = ask(azure, "PATCH", origin(azure, "new"), VERSION, state("Enabled"))
    where = begun.headers["Azure-AsyncOperation"].removeprefix(azure.url).partition("?")[0]
    group = azure.id_of(KIND, "llm").partition("/providers/")[0]
    assert where.startswith(f"{group}/providers/Microsoft.Cdn/operationresults/")
    assert refused(azure, "PATCH", origin(azure, "new"), VERSION, state("Disabled")) == 409
    seen = [(ask(azure, "GET", where, VERSION).body or {})["status"] for _ in range(2)]
    assert seen == ["InProgress", "Succeeded"]
    assert states(azure, "llm") == ("Enabled", "Enabled")
    assert ask(azure, "PATCH", origin(azure, "old"), VERSION, state("Disabled")).status == 202


def test_the_last_origin_stays_enabled(azure: AzureWorld) -> None:
    """An origin group without one would answer nobody."""
    put_door(azure, "llm", old="Enabled", new="Disabled")
    assert refused(azure, "PATCH", origin(azure, "old"), VERSION, state("Disabled")) == 400


@pytest.mark.parametrize("properties", [{"priority": 6}, {"weight": 0}])
def test_what_is_out_of_range_is_refused(azure: AzureWorld, properties: dict[str, int]) -> None:
    """Priorities are from 1 to 5, weights from 1 to 1000."""
    put_door(azure, "llm", old="Enabled")
    assert refused(azure, "PATCH", origin(azure, "old"), VERSION, {"properties": properties}) == 400


def test_other_profiles_have_no_origin_groups(azure: AzureWorld) -> None:
    """Those of the classic tiers."""
    put_door(azure, "llm", old="Enabled")
    azure.arm.resource(azure.id_of(KIND, "llm"))["sku"] = {"name": "Standard_Microsoft"}
    assert refused(azure, "GET", origin(azure, "old").rpartition("/")[0], VERSION) == 400
