import asyncio
from typing import Any

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, refused
from tests.activities.routing_controls import CONTROLS, PANEL, RULE, controls, states
from tests.aws.fakes.routing_control import ENDPOINTS
from tests.aws.world import World

USES = "cut_over.routing_control"
WITHIN = 25.0
IMPATIENT = {"connect_timeout": 0.5, "read_timeout": 0.5}


async def test_all_controls_are_set_at_once(aws: World) -> None:
    """In one request, so that no moment is without a region; the decision is noted on their panel."""
    done = await perform(USES, controls(aws), within=WITHIN)
    assert states(aws) == ["Off", "On"]
    assert aws.asked(changes=True).count("route53-recovery-cluster:UpdateRoutingControlStates") == 1
    assert done.reason == f"it leads to {STANDBY}; before it led to {ACTIVE}."
    tags = aws.client("route53-recovery-control-config", "us-west-2").list_tags_for_resource(ResourceArn=PANEL)["Tags"]
    assert tags == {"evac:epoch:book:it": str(EPOCH)}


@pytest.mark.parametrize("mode", ["hang", "refuse", "fail"])
async def test_two_endpoints_are_enough_to_spare(aws: World, mode: str) -> None:
    """Three of five are silent: the others are asked, whichever comes first."""
    settings = controls(aws, **IMPATIENT)
    for region in ENDPOINTS[:3]:
        aws.bend(f"@{region}", mode)
    done = await perform(USES, settings, within=WITHIN)
    aws.straighten()
    assert (done.changed, states(aws)) == (True, ["Off", "On"])


async def test_none_that_answers_is_said(aws: World) -> None:
    """With how many were asked."""
    settings = controls(aws, **IMPATIENT)
    aws.bend("route53-recovery-cluster:*", "refuse")
    sentence = await refused(USES, settings, ErrorType.UNREACHABLE, within=WITHIN)
    assert sentence.startswith("None of the 5 endpoints of the routing controls' cluster answers. The last one:")


async def test_the_control_plane_is_not_needed(aws: World) -> None:
    """It hangs: the controls are flipped all the same, and it is said that the decision is not noted."""
    settings = controls(aws, **IMPATIENT)
    aws.bend("route53-recovery-control-config:*", "hang")
    began = asyncio.get_running_loop().time()
    done = await perform(USES, settings, within=WITHIN)
    assert asyncio.get_running_loop().time() - began < 10
    assert done.reason.endswith("The decision could not be noted: its place gives no answer.")
    again = await perform(USES, settings, within=WITHIN)
    aws.straighten()
    assert (again.changed, states(aws)) == (False, ["Off", "On"])


async def test_an_answer_that_is_lost_is_no_second_change(aws: World) -> None:
    """Before the next endpoint is asked the states are looked at."""
    settings = controls(aws)
    aws.bend("route53-recovery-cluster:UpdateRoutingControlStates", "lose", times=1)
    done = await perform(USES, settings, within=WITHIN)
    assert (done.changed, states(aws)) == (True, ["Off", "On"])
    assert aws.asked(changes=True).count("route53-recovery-cluster:UpdateRoutingControlStates") == 1


async def test_a_safety_rule_is_named(aws: World) -> None:
    """It is final; a person may override it by its ARN."""
    settings = controls(aws)
    aws.tell("route53-recovery-cluster", rules={RULE: 2})
    sentence = await refused(USES, settings, ErrorType.WRONG_STATE, within=WITHIN)
    assert RULE in sentence
    assert states(aws) == ["On", "Off"]
    await perform(USES, {**settings, "override": [RULE]}, within=WITHIN)
    assert states(aws) == ["Off", "On"]


async def test_several_regions_may_be_on(aws: World) -> None:
    """A switch cannot weigh: each with a share is on."""
    settings = controls(aws, weights={ACTIVE: 30, STANDBY: 70})
    await perform(USES, settings, within=WITHIN)
    assert states(aws) == ["On", "On"]


@pytest.mark.parametrize("weights", [{}, {ACTIVE: 0, STANDBY: 0}])
async def test_everything_off_is_never_written(aws: World, weights: dict[str, int]) -> None:
    """Route 53 would answer with everything then."""
    sentence = await refused(USES, controls(aws, weights=weights), ErrorType.BAD_SETTINGS, within=WITHIN)
    assert sentence.startswith("No region has any weight")
    assert states(aws) == ["On", "Off"]


@pytest.mark.parametrize("known", [True, False])
async def test_undo_of_an_act_that_ran_twice(aws: World, known: bool) -> None:  # noqa: FBT001
    """The plan knows where it led."""
    settings = controls(aws)
    await perform(USES, settings, within=WITHIN)
    before: dict[str, Any] = (await perform(USES, settings, within=WITHIN)).before if known else {}
    await perform(f"{USES}.undo", settings, within=WITHIN, before=before)
    assert states(aws) == ["On", "Off"]


async def test_somebody_elses_state_is_left(aws: World) -> None:
    """All off is neither the plan's beginning nor its end."""
    settings = controls(aws)
    aws.tell("route53-recovery-cluster", controls=dict.fromkeys(CONTROLS.values(), "Off"))
    sentence = await refused(USES, settings, ErrorType.WRONG_STATE, within=WITHIN)
    assert "it leads to nothing, which is neither" in sentence
