import time
from typing import Any

import pytest

from tests.activities.calls import perform
from tests.azure.fakes.insights import tell_metric
from tests.azure.world import AzureWorld

KIND = "Microsoft.Network/loadBalancers"


async def look(azure: AzureWorld, told: list[tuple[float, float]], **more: Any) -> tuple[str, str]:
    """State and reason, when these values were heard so many seconds ago."""
    azure.put(KIND, "llm")
    for value, ago in told:
        tell_metric(azure.arm, azure.id_of(KIND, "llm"), "DipAvailability", value, time.time() - ago)
    settings = azure.settings(target=f"{KIND}/llm", metric="DipAvailability", **{"at_least": 50, **more})
    reading = (await perform("detect.azure_monitor", settings, within=10.0)).reading
    assert reading is not None
    return reading.state, reading.reason


async def test_the_newest_minute_counts(azure: AzureWorld) -> None:
    """Not what was before; with its age."""
    state, reason = await look(azure, [(0.0, 180.0), (100.0, 120.0)])
    assert state == "healthy"
    assert reason in {f"DipAvailability (average) of llm is 100, {age} s ago, as it may be." for age in (60, 61, 62)}


@pytest.mark.parametrize(
    ("bounds", "words"),
    [({"at_least": 50}, "which is less than 50."), ({"at_most": 10, "at_least": None}, "which is more than 10.")],
)
async def test_what_is_out_of_bounds(azure: AzureWorld, bounds: dict[str, Any], words: str) -> None:
    """Either way."""
    state, reason = await look(azure, [(20.0, 120.0)], **bounds)
    assert (state, reason.endswith(words)) == ("unhealthy", True)


@pytest.mark.parametrize("told", [[], [(100.0, 1000.0)]])
async def test_no_new_value_is_unknown(azure: AzureWorld, told: list[tuple[float, float]]) -> None:
    """None at all, or an old one: neither is green."""
    state, reason = await look(azure, told)
    assert (state, "that is younger than 300 s: it tells nothing" in reason) == ("unknown", True)


async def test_its_silence_tells_nothing_of_the_region(azure: AzureWorld) -> None:
    """Azure Resource Manager is asked, which is not in it."""
    azure.bend("Microsoft.Insights/*", "fail")
    assert (await look(azure, [(100.0, 120.0)]))[0] == "unknown"
