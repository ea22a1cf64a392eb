"""The fake of Cosmos DB refuses what the service would."""

import pytest

from tests.azure.arm import Body, Refusal, taken_apart
from tests.azure.databases import COSMOS, stand_cosmos
from tests.azure.world import AzureWorld


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("failoverPriorityChange", {"failoverPolicies": [{"locationName": "East US", "failoverPriority": 0}]}),
        (
            "failoverPriorityChange",
            {
                "failoverPolicies": [
                    {"locationName": "East US", "failoverPriority": 1},
                    {"locationName": "West Europe", "failoverPriority": 1},
                ]
            },
        ),
        ("offlineRegion", {"region": "eastus"}),
    ],
)
def test_what_cannot_be_is_refused(azure: AzureWorld, action: str, body: Body) -> None:
    """Each region once, with priorities from 0; a region by the name that the account has for it."""
    stand_cosmos(azure, "llm")
    path = f"{azure.id_of(COSMOS, 'llm')}/{action}"
    with pytest.raises(Refusal) as caught:
        azure.arm.serve(taken_apart("POST", path, {"api-version": "2026-03-15"}, {}, body))
    assert caught.value.code == "BadRequest"
