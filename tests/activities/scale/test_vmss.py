"""Virtual machine scale sets: who serves, what is said beforehand, and what gives what is missing."""

import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from temporalio.exceptions import ApplicationError

from runbooks.azure.scaling import VmssSettings
from runbooks.steps import ErrorType
from tests.activities.calls import EPOCH, perform, refused
from tests.azure.attempt import Attempt
from tests.azure.fakes.insights import tell_metric
from tests.azure.world import HERE, THERE, AzureWorld

_KIND = "Microsoft.Compute/virtualMachineScaleSets"
_SIZE = "Microsoft.Compute/virtualMachineScaleSets/write"
A100, H100 = "Standard_NC24adsA100_v4", "Standard_NC40adsH100_v5"
WITHIN = 20.0


def stand(azure: AzureWorld, name: str = "llm", capacity: int = 2, size: str = A100, **more: Any) -> dict[str, Any]:
    """A scale set, and the settings that name it."""
    region = more.pop("region", THERE)
    azure.put(_KIND, name, region=region, sku={"name": size, "capacity": capacity}, **more)
    return azure.settings(region, scale_set=name)


def stand_spot(azure: AzureWorld, name: str = "spot", **more: Any) -> dict[str, Any]:
    """An empty one on the spot market, as a rung."""
    stand(azure, name, 0, H100, properties={"virtualMachineProfile": {"priority": "Spot"}}, **more)
    return {"scale_set": name, "market": "spot"}


def capacity(azure: AzureWorld, name: str = "llm") -> int:
    """What is wanted of it."""
    found = azure.arm.resource(azure.id_of(_KIND, name, region=THERE))["sku"]["capacity"]
    assert isinstance(found, int)
    return found


async def scale(settings: dict[str, Any], **more: Any) -> Any:
    """The act's answer."""
    return await perform("scale.vmss", settings, within=WITHIN, **more)


async def test_instances_of_flexible_orchestration_are_machines_of_their_own(azure: AzureWorld) -> None:
    """They are listed as such, by the scale set that they are in."""
    settings = {**stand(azure, properties={"orchestrationMode": "Flexible"}), "replicas": 4}
    assert (await scale(settings)).reason == "4 instances are ready; before there were 2."
    assert "Microsoft.Compute/virtualMachines/read" in azure.asked()
    assert "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read" not in azure.asked()


@pytest.mark.parametrize("by", ["extension", "probe", "nobody"])
async def test_what_is_watched_must_be_known_to_be_healthy(azure: AzureWorld, by: str) -> None:
    """Three run: one is healthy, one is not, and of one nobody has said anything yet."""
    extension = {"extensionProfile": {"extensions": [{"properties": {"type": "ApplicationHealthLinux"}}]}}
    probe = {"networkProfile": {"healthProbe": {"id": "/subscriptions/s/probes/p"}}}
    profile = {"extension": extension, "probe": probe, "nobody": {}}[by]
    healths = {"0": "healthy", "1": "unhealthy"}
    settings = stand(azure, capacity=3, properties={"virtualMachineProfile": profile}, healths=healths)
    seen = await perform("detect.vmss", settings)
    assert seen.reading is not None
    assert seen.reading.values["ready"] == (2 if by == "nobody" else 1)


async def test_the_ladder_gives_what_is_missing(azure: AzureWorld) -> None:
    """Azure has room for one more; what it has begun stays, and the next scale set brings the others."""
    settings = {**stand(azure, room=3), "replicas": 5, "ladder": [{"scale_set": "h100"}, stand_spot(azure)]}
    stand(azure, "h100", 0, H100)
    done = await scale(settings)
    assert done.reason == "5 instances are ready, with on-demand h100 of its ladder; before there were 2."
    assert [capacity(azure, name) for name in ("llm", "h100", "spot")] == [5, 2, 0]
    await perform("scale.vmss.undo", settings, within=WITHIN, before=done.before)
    assert [capacity(azure, name) for name in ("llm", "h100", "spot")] == [2, 0, 0]


async def test_a_clear_stop_names_each_rung_and_what_azure_said(azure: AzureWorld) -> None:
    """And when a person has found capacity and says retry, it begins anew with the first."""
    settings = {**stand(azure, room=2), "replicas": 3, "ladder": [stand_spot(azure, room=0)]}
    sentence = await refused("scale.vmss", settings, ErrorType.NO_CAPACITY, within=WITHIN)
    assert sentence.startswith("it in eu-west-1 has 2 of 3 instances, and gets no more. Tried: llm: ")
    assert "AllocationFailed" in sentence
    assert "; spot spot: " in sentence
    azure.arm.resource(azure.id_of(_KIND, "llm", region=THERE))["room"] = 9
    done = await scale(settings)
    assert done.reason == "3 instances are ready; before there were 2."


async def test_a_failure_is_seen_when_the_heartbeat_was_lost(azure: AzureWorld) -> None:
    """Another worker reads in the instance view why it has failed, and goes on with the ladder without asking again."""
    settings = {**stand(azure, room=2), "replicas": 3, "ladder": [stand_spot(azure)]}
    azure.bend(_SIZE, "lose", times=1)
    with pytest.raises(ApplicationError):
        await scale(settings)
    for operation in azure.arm.operations.values():
        while not operation.over:
            operation.look()
    seen = await perform("detect.vmss", {key: settings[key] for key in settings if key != "replicas"})
    assert "AllocationFailed: Allocation failed." in seen.reason
    done = await scale(settings)
    assert done.reason == "3 instances are ready, with spot spot of its ladder; before there were 2."
    assert azure.asked(changes=True) == [_SIZE, _SIZE]


async def test_how_far_it_is_is_told_while_azure_works(azure: AzureWorld, tmp_path: Path) -> None:
    """Though the operation itself is waited for."""
    settings = {**stand(azure), "replicas": 4}
    azure.arm.looks = 10**9
    attempt = Attempt("scale.vmss", settings)
    await attempt.killed_when(lambda: attempt.text == "2 of 4 instances are ready", tmp_path)
    assert azure.asked(changes=True) == [_SIZE]


async def test_a_failure_that_is_no_want_of_capacity_stops(azure: AzureWorld) -> None:
    """The next rung would fail alike: a person must look."""
    settings = {**stand(azure), "replicas": 3, "ladder": [stand_spot(azure)]}
    where = azure.id_of(_KIND, "llm", region=THERE)
    azure.arm.fail_next(where, "VMExtensionProvisioningError", "The extension has failed.")
    sentence = await refused("scale.vmss", settings, ErrorType.WRONG_STATE, within=WITHIN)
    assert "The extension has failed" in sentence
    assert capacity(azure, "spot") == 0


async def test_a_rung_that_is_not_there_is_in_nobodys_way(azure: AzureWorld) -> None:
    """The check says so; the act does without."""
    settings = {**stand(azure), "replicas": 3, "ladder": [{"scale_set": "none"}]}
    check = await perform("scale.vmss.check", settings, within=WITHIN)
    assert (check.proved, check.before["error"]) == (False, "not-found")
    assert (await scale(settings)).changed is True


async def test_a_rung_of_another_market_than_said_is_refused(azure: AzureWorld) -> None:
    """Spot would be taken for what stays."""
    stand_spot(azure)
    settings = {**stand(azure), "replicas": 3, "ladder": [{"scale_set": "spot"}]}
    sentence = await refused("scale.vmss", settings, ErrorType.BAD_SETTINGS, within=WITHIN)
    assert sentence == "The scale set spot is of the spot market: say so in `market` of its rung."


async def test_down_empties_the_ladder_first(azure: AzureWorld) -> None:
    """What is there only for want of better goes first; an undo brings both back."""
    settings = {**stand(azure, capacity=3), "replicas": 2, "down": True, "ladder": [{"scale_set": "h100"}]}
    stand(azure, "h100", 2, H100)
    done = await scale(settings)
    assert [capacity(azure), capacity(azure, "h100")] == [2, 0]
    undone = await perform("scale.vmss.undo", settings, within=WITHIN, before=done.before)
    assert (undone.after["ready"], capacity(azure), capacity(azure, "h100")) == (5, 3, 2)


async def test_it_may_be_sized_by_what_the_other_region_runs(azure: AzureWorld) -> None:
    """With what its ladder has given there."""
    upstream = {**stand(azure, "llm", 3, region=HERE), "ladder": [{"scale_set": "h100"}]}
    stand(azure, "h100", 1, H100, region=HERE)
    match = {"percent": 100}
    done = await scale({**stand(azure), "replicas": 3, "match": match, "upstream": upstream})
    assert done.reason.endswith("That is more than the plan's 3: 100% of what eastus runs is 4 (4 there).")
    assert done.after["epoch"] == EPOCH


@pytest.mark.parametrize(
    ("counted", "says"),
    [
        ([4.0, 6.0, 5.5], "100% of what eastus ran at most within 24 hours is 6 (6 there)."),
        ([], "is not known: nothing has counted it."),
    ],
)
async def test_it_may_be_sized_by_what_autoscale_saw_within_a_day(
    azure: AzureWorld, counted: list[float], says: str
) -> None:
    """By the setting's own metric; what it saw of another scale set, or before, does not count."""
    upstream, kind = stand(azure, "llm", 3, region=HERE), "Microsoft.Insights/autoscalesettings"
    for name in ("llm", "other"):
        target = azure.id_of(_KIND, name, region=HERE)
        azure.put(kind, f"{name}-auto", region=HERE, properties={"enabled": True, "targetResourceUri": target})
    now = time.time()
    for ago, seen in enumerate(counted, 1):
        tell_metric(azure.arm, azure.id_of(kind, "llm-auto", region=HERE), "ObservedCapacity", seen, now - ago * 3600)
    tell_metric(azure.arm, azure.id_of(kind, "llm-auto", region=HERE), "ObservedCapacity", 50, now - 2 * 86400)
    tell_metric(azure.arm, azure.id_of(kind, "other-auto", region=HERE), "ObservedCapacity", 50, now - 3600)
    match = {"of": "24h-maximum"}
    done = await scale({**stand(azure), "replicas": 3, "match": match, "upstream": upstream})
    assert done.reason.endswith(says)


async def test_a_scale_set_of_single_machines_is_refused(azure: AzureWorld) -> None:
    """It has no capacity that could be set."""
    azure.put(_KIND, "llm", region=THERE, properties={"orchestrationMode": "Flexible"})
    settings = azure.settings(THERE, scale_set="llm", replicas=3)
    assert "has no capacity of its own" in await refused("scale.vmss", settings, ErrorType.BAD_SETTINGS)


@pytest.mark.parametrize(
    ("ladder", "words"),
    [
        ([{"scale_set": "a", "market": "spot"}, {"scale_set": "b"}], "spot comes last in a ladder"),
        ([{"scale_set": "LLM"}], "name each once"),
        ([{"scale_set": "a", "market": "capacity-block"}], "Input should be 'on-demand' or 'spot'"),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(ladder: list[dict[str, Any]], words: str) -> None:
    """Before anything fails."""
    where = {"subscription": "11111111-2222-3333-4444-555555555555", "resource_group": "g", "azure_region": THERE}
    with pytest.raises(ValidationError, match=words):
        VmssSettings.model_validate({**where, "scale_set": "llm", "ladder": ladder})
