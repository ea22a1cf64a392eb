from functools import partial
from typing import Any

import pytest

from runbooks.probes import observations
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, refused
from tests.azure.fakes.network import Network
from tests.azure.profiles import KIND, endpoints_of, put_profile
from tests.azure.world import AzureWorld
from tests.runbooks.public_names import NOW, book, cut_overs, failover

USES = "cut_over.traffic_manager"
WITHIN = 12.0
ON, OFF = ("Enabled", 100), ("Disabled", 1)


def settings(azure: AzureWorld, **more: Any) -> dict[str, Any]:
    """From old to new, as a plan would say it."""
    return azure.settings(
        **{
            "azure_region": "global",
            "profile": "llm",
            "places": {ACTIVE: {"endpoint_name": "old"}, STANDBY: {"endpoint_name": "new"}},
            "weights": {ACTIVE: 0, STANDBY: 100},
            "before": [ACTIVE],
            "weights_before": {ACTIVE: 100, STANDBY: 0},
            **more,
        }
    )


async def cut_over(azure: AzureWorld, **more: Any) -> Any:
    """The step, as a plan would say it."""
    return await perform(USES, settings(azure, **more), within=WITHIN)


async def test_one_request_moves_all_endpoints(azure: AzureWorld) -> None:
    """With the decision in the profile's tags; what else the profile has stays."""
    before = put_profile(azure, "llm", old=ON, new=OFF)["properties"]["dnsConfig"]
    done = await cut_over(azure)
    found = azure.arm.resource(azure.id_of(KIND, "llm"))
    assert endpoints_of(azure, "llm") == {"old": ("Disabled", 100), "new": ("Enabled", 100)}
    assert found["tags"] == {"team": "llm", "evac-epoch": str(EPOCH)}
    assert found["properties"]["dnsConfig"] == before
    assert azure.asked(changes=True) == ["Microsoft.Network/trafficmanagerprofiles/write"]
    assert done.reason == (
        f"llm leads to {STANDBY}; before it led to {ACTIVE}. Old answers live up to 30 s. Its probes find them well."
    )


async def test_accepted_but_not_applied_is_said(azure: AzureWorld) -> None:
    """The endpoint is enabled, and Traffic Manager's own probes hold it for dead: no client is led there."""
    put_profile(azure, "llm", old=ON, new=OFF)
    azure.arm.provider(Network).dead.add("new")
    sentence = await refused(USES, settings(azure), ErrorType.NOT_YET, within=2.0)
    assert "its own probes do not find it well (new is Degraded)" in sentence
    azure.arm.provider(Network).dead.clear()
    assert (await cut_over(azure)).changed is False


async def test_somebody_else_comes_between_the_looks(azure: AzureWorld) -> None:
    """Between the first look and the one right before the request: what he did stays."""
    put_profile(azure, "llm", old=ON, new=OFF)
    by_hand = partial(put_profile, azure, "llm", old=("Enabled", 7), new=("Enabled", 7))
    azure.arm.provider(Network).before_looks = [lambda: None, by_hand]
    sentence = await refused(USES, settings(azure), ErrorType.WRONG_STATE, within=WITHIN)
    assert "neither where it led at planning" in sentence
    assert endpoints_of(azure, "llm") == {"old": ("Enabled", 7), "new": ("Enabled", 7)}


async def test_shares_are_weights(azure: AzureWorld) -> None:
    """Active-active: both enabled, each by its part."""
    put_profile(azure, "llm", old=ON, new=OFF)
    await cut_over(azure, weights={ACTIVE: 30, STANDBY: 70})
    assert endpoints_of(azure, "llm") == {"old": ("Enabled", 30), "new": ("Enabled", 70)}


async def test_by_priority_only_the_one_that_serves_is_left(azure: AzureWorld) -> None:
    """A profile whose standby was enabled, too; undone, it is again."""
    put_profile(azure, "llm", "Priority", old=ON, new=ON)
    done = await cut_over(azure, routing="priority")
    assert endpoints_of(azure, "llm") == {"old": ("Disabled", 100), "new": ON}
    assert done.before["leads"] == {ACTIVE: 1}
    await perform(f"{USES}.undo", settings(azure, routing="priority"), within=WITHIN, before=done.before)
    assert endpoints_of(azure, "llm") == {"old": ON, "new": ON}
    both = settings(azure, routing="priority", weights={ACTIVE: 50, STANDBY: 50})
    assert "leads to one region by priority routing" in await refused(USES, both, ErrorType.BAD_SETTINGS)


@pytest.mark.parametrize(
    ("spoil", "kind", "sentence"),
    [
        ({"trafficRoutingMethod": "Geographic"}, ErrorType.WRONG_STATE, "routes by Geographic, and the runbook says"),
        ({"profileStatus": "Disabled"}, ErrorType.WRONG_STATE, "is disabled and leads nobody anywhere"),
        ({"endpoints": []}, ErrorType.NOT_FOUND, "llm has no endpoint old"),
    ],
)
async def test_what_cannot_lead_is_left_alone(
    azure: AzureWorld, spoil: dict[str, Any], kind: ErrorType, sentence: str
) -> None:
    """Another routing method, a profile that is off, an endpoint that is not there."""
    put_profile(azure, "llm", old=ON, new=OFF)["properties"].update(spoil)
    assert sentence in await refused(USES, settings(azure), kind)
    assert azure.asked(changes=True) == []


async def test_an_endpoint_of_nobody_stops_it(azure: AzureWorld) -> None:
    """Clients are led there too: somebody must say what it is."""
    put_profile(azure, "llm", old=ON, new=OFF, third=("Enabled", 5))
    assert "third, which is neither" in await refused(USES, settings(azure), ErrorType.WRONG_STATE)


async def test_nothing_is_ever_led_nowhere(azure: AzureWorld) -> None:
    """All weights zero would be all endpoints disabled."""
    put_profile(azure, "llm", old=ON, new=OFF)
    none = settings(azure, weights={ACTIVE: 0, STANDBY: 0})
    assert "would lead nowhere" in await refused(USES, none, ErrorType.BAD_SETTINGS)
    assert azure.calls() == []


async def test_a_plan_moves_it_in_stages_and_back(azure: AzureWorld) -> None:
    """What is seen makes the plan; its steps lead there one after another, their undoing in reverse leads home."""
    put_profile(azure, "llm", old=ON, new=OFF)
    own = settings(azure)
    keys = ("subscription", "resource_group", "endpoint", "profile")
    common = ", ".join(f"{key}: {own[key]!r}" for key in keys)
    places = {ACTIVE: "{endpoint_name: old}", STANDBY: "{endpoint_name: new}"}
    loaded = book("traffic_manager", f"{{{common}, stages: [10, 50]}}", places, {ACTIVE: 100, STANDBY: 0})
    (probe,) = observations(loaded.runbook)
    seen = (await perform("detect.traffic_manager", probe.settings, within=WITHIN)).reading
    assert seen is not None
    plan = failover(loaded, seen.model_copy(update={"resource": "public", "region": "public", "observed_at": NOW}))
    done: list[tuple[Any, Any]] = []
    weights: list[dict[str, Any]] = []
    for step in cut_overs(plan):
        done.append((step, await perform(USES, step.settings, within=WITHIN)))
        weights.append(endpoints_of(azure, "llm"))
    assert weights == [
        {"old": ("Enabled", 90), "new": ("Enabled", 10)},
        {"old": ("Enabled", 50), "new": ("Enabled", 50)},
        {"old": ("Disabled", 50), "new": ("Enabled", 100)},
    ]
    for step, result in reversed(done):
        await perform(f"{USES}.undo", step.settings, within=WITHIN, before=result.before)
    assert endpoints_of(azure, "llm") == {"old": ON, "new": OFF}
