"""Quotas of cores, and sizes that are not offered: said before anything is changed."""

import pytest

from tests.activities.calls import perform
from tests.activities.scale.test_vmss import A100, H100, WITHIN, stand, stand_spot
from tests.azure.fakes.compute import Compute
from tests.azure.world import AzureWorld


@pytest.mark.parametrize(
    ("used", "barred", "says"),
    [
        (
            {"StandardNCADSA100v4Family": (48, 60), "cores": (48, 100)},
            "",
            f"for standardNCADSA100v4Family is 60 vCPUs, of which 48 are used; 1 more {A100} need 24.",
        ),
        ({"cores": (90, 100)}, "", "for cores is 100 vCPUs, of which 90 are used"),
        (
            {},
            "NotAvailableForSubscription",
            f"{A100} is not offered to this subscription in westeurope (NotAvailableForSubscription).",
        ),
        ({"cores": (48, 72)}, "", ""),
    ],
)
async def test_quotas_are_looked_at_before(
    azure: AzureWorld, used: dict[str, tuple[int, int]], barred: str, says: str
) -> None:
    """The family's and the region's, and whether the size is offered at all; nothing is changed."""
    compute = azure.arm.provider(Compute)
    compute.used, compute.sizes = used, {A100: {"family": "standardNCADSA100v4Family", "cores": 24, "barred": barred}}
    settings = {**stand(azure), "replicas": 3}
    check = await perform("scale.vmss.check", settings, within=WITHIN)
    assert check.proved is (not says)
    assert says.rstrip(".") in check.reason
    assert azure.asked(changes=True) == []


async def test_a_rung_that_its_quota_allows_is_enough(azure: AzureWorld) -> None:
    """One quota is too small, and the other one counts for spot."""
    compute = azure.arm.provider(Compute)
    compute.used = {"cores": (100, 100), "lowPriorityCores": (0, 40)}
    compute.sizes = {name: {"family": "standardNC", "cores": 40} for name in (A100, H100)}
    settings = {**stand(azure), "replicas": 3, "ladder": [stand_spot(azure)]}
    assert (await perform("scale.vmss.check", settings, within=WITHIN)).proved is True
    compute.used["lowPriorityCores"] = (1, 40)
    check = await perform("scale.vmss.check", settings, within=WITHIN)
    assert (check.proved, check.before["error"]) == (False, "no-capacity")


@pytest.mark.parametrize("mode", ["deny", "hang"])
async def test_an_unknown_quota_stands_in_nobodys_way(azure: AzureWorld, mode: str) -> None:
    """The order itself will tell."""
    azure.bend("Microsoft.Compute/locations/usages/read", mode)
    settings = {**stand(azure), "replicas": 3, "read_timeout": 0.3}
    assert (await perform("scale.vmss.check", settings, within=WITHIN)).proved is True
