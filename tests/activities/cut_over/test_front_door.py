from pathlib import Path
from typing import Any

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, refused
from tests.azure.attempt import Attempt
from tests.azure.doors import GROUP, KIND, put_door, states
from tests.azure.fakes.cdn import Cdn
from tests.azure.world import AzureWorld

USES = "cut_over.front_door"
WITHIN = 15.0


def settings(azure: AzureWorld, **more: Any) -> dict[str, Any]:
    """From old to new, as a plan would say it."""
    return azure.settings(
        **{
            "azure_region": "global",
            "profile": "llm",
            "origin_group": GROUP,
            "places": {ACTIVE: {"origin": "old"}, STANDBY: {"origin": "new"}},
            "weights": {ACTIVE: 0, STANDBY: 100},
            "before": [ACTIVE],
            **more,
        }
    )


def tags(azure: AzureWorld) -> dict[str, str]:
    """What the profile keeps."""
    found: dict[str, str] = azure.arm.resource(azure.id_of(KIND, "llm"))["tags"]
    return found


async def test_on_before_off(azure: AzureWorld) -> None:
    """The decision is noted first; clients always have an origin."""
    put_door(azure, "llm", old="Enabled", new="Disabled")
    done = await perform(USES, settings(azure), within=WITHIN)
    assert states(azure, "llm") == ("Disabled", "Enabled")
    assert tags(azure) == {"team": "llm", f"evac-epoch-{GROUP}": str(EPOCH)}
    changed = [call["path"].rpartition("/")[2] for call in azure.calls() if call["change"]]
    assert changed == ["llm", "new", "old"]
    assert done.reason == f"it leads to {STANDBY}; before it led to {ACTIVE}."


async def test_another_origin_group_of_the_profile_has_decisions_of_its_own(azure: AzureWorld) -> None:
    """A newer one for it is none for this."""
    put_door(azure, "llm", old="Enabled", new="Disabled")
    tags(azure)["evac-epoch-other"] = str(EPOCH + 5)
    assert (await perform(USES, settings(azure), within=WITHIN)).changed is True


async def test_what_was_half_done_is_gone_on_with(azure: AzureWorld) -> None:
    """Enabling was done, and disabling failed: the next attempt does only that."""
    put_door(azure, "llm", old="Enabled", new="Disabled")
    old = azure.id_of(f"{KIND}/originGroups/origins", "llm", GROUP, "old")
    azure.arm.fail_next(old, "InternalError", "it broke")
    assert "it broke" in await refused(USES, settings(azure), ErrorType.WRONG_STATE, within=WITHIN)
    assert states(azure, "llm") == ("Enabled", "Enabled")
    before = len(azure.asked(changes=True))
    assert (await perform(USES, settings(azure), within=WITHIN)).changed is True
    assert (states(azure, "llm"), len(azure.asked(changes=True))) == (("Disabled", "Enabled"), before + 1)


async def test_a_deployment_in_progress_is_awaited(azure: AzureWorld) -> None:
    """Where Front Door tells it."""
    put_door(azure, "llm", old="Enabled", new="Disabled")
    azure.arm.provider(Cdn).deployments = ["InProgress", "InProgress", "Succeeded", "InProgress", "Succeeded"]
    done = await perform(USES, settings(azure), within=WITHIN)
    assert (done.after["pending"], done.after["deployment"]) == (False, "Succeeded")


async def test_accepted_but_not_carried_out_takes_nothing_away(azure: AzureWorld) -> None:
    """The origin is enabled, and its deployment has failed: the other one stays, however often it is tried."""
    put_door(azure, "llm", old="Enabled", new="Disabled")
    azure.arm.provider(Cdn).deployments = ["Failed"]
    for _ in range(2):
        sentence = await refused(USES, settings(azure), ErrorType.WRONG_STATE, within=WITHIN)
        assert "has accepted the change of new and not carried it out" in sentence
        assert states(azure, "llm") == ("Enabled", "Enabled")


async def test_what_was_not_disabled_after_all_is_said(azure: AzureWorld) -> None:
    """All look as wanted, and clients are still led to the old one."""
    put_door(azure, "llm", old="Enabled", new="Disabled")
    azure.arm.provider(Cdn).deployments = ["Succeeded", "Failed"]
    for _ in range(2):
        sentence = await refused(USES, settings(azure), ErrorType.WRONG_STATE, within=WITHIN)
        assert "has accepted the change of old and not carried it out" in sentence
        assert states(azure, "llm") == ("Disabled", "Enabled")


async def test_a_worker_killed_while_an_origin_is_enabled(azure: AzureWorld, tmp_path: Path) -> None:
    """The next one sends that change no second time, and disables nothing before it has ended."""
    put_door(azure, "llm", old="Enabled", new="Disabled")
    tags(azure)[f"evac-epoch-{GROUP}"] = str(EPOCH)
    azure.arm.looks = 1000
    first = Attempt(USES, settings(azure))
    await first.killed_when(lambda: states(azure, "llm") == ("Enabled", "Enabled"), tmp_path)
    sentence = await refused(USES, settings(azure), ErrorType.NOT_YET, within=3.0)
    assert "still changing new: no other origin is disabled before that has ended" in sentence
    assert states(azure, "llm") == ("Enabled", "Enabled")
    for operation in azure.arm.operations.values():
        operation.looks = 1
    azure.arm.looks = 1
    assert (await Attempt(USES, settings(azure), first.details).run(tmp_path)).changed is True
    assert states(azure, "llm") == ("Disabled", "Enabled")
    changed = [call["path"].rpartition("/")[2] for call in azure.calls() if call["change"]]
    assert changed == ["new", "old"]


async def test_regions_that_serve_together_have_one_priority(azure: AzureWorld) -> None:
    """Otherwise the second would be enabled and take nothing."""
    put_door(azure, "llm", old="Enabled", new="Disabled")
    new = azure.arm.resource(azure.id_of(f"{KIND}/originGroups/origins", "llm", GROUP, "new"))
    new["properties"]["priority"] = 2
    both = settings(azure, weights={ACTIVE: 50, STANDBY: 50})
    sentence = await refused(USES, both, ErrorType.WRONG_STATE, within=WITHIN)
    assert "only one of them would take traffic" in sentence
    assert azure.asked(changes=True) == []


async def test_a_locked_profile_is_left_alone(azure: AzureWorld) -> None:
    """Before the decision is noted."""
    put_door(azure, "llm", old="Enabled", new="Disabled")
    azure.arm.locks[azure.id_of(KIND, "llm")] = "ReadOnly"
    assert "The lock kept" in await refused(USES, settings(azure), ErrorType.WRONG_STATE, within=WITHIN)
    assert azure.asked(changes=True) == []


@pytest.mark.parametrize("weights", [{}, {ACTIVE: 0, STANDBY: 0}])
async def test_nothing_is_ever_led_nowhere(azure: AzureWorld, weights: dict[str, int]) -> None:
    """Nothing is asked."""
    told = await refused(USES, settings(azure, weights=weights), ErrorType.BAD_SETTINGS)
    assert "nothing would be on" in told
    assert azure.calls() == []
