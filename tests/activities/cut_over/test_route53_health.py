import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, refused
from tests.activities.switches import check_states, checks
from tests.aws.world import World

USES = "cut_over.route53_health"
WITHIN = 15.0
ON, OFF = (False, False), (True, True)


async def test_the_one_looks_again_and_the_other_counts_as_unhealthy(aws: World) -> None:
    """First on, then off, so that there is no moment without a region; the decision is in the tags of both."""
    settings = checks(aws)
    done = await perform(USES, settings, within=WITHIN)
    assert check_states(aws, settings) == [OFF, ON]
    assert done.reason == f"it leads to {STANDBY}; before it led to {ACTIVE}."
    tags = [
        aws.client("route53").list_tags_for_resource(ResourceType="healthcheck", ResourceId=place["health_check"])
        for place in settings["places"].values()
    ]
    assert [each["ResourceTagSet"]["Tags"] for each in tags] == [[{"Key": "evac:epoch", "Value": str(EPOCH)}]] * 2


async def test_killed_between_the_two_it_goes_on(aws: World) -> None:
    """Both are on, by our own decision: that is half way, and not somebody else's work."""
    settings = checks(aws)
    aws.bend("route53:UpdateHealthCheck", "refuse", times=1, after=1)
    await refused(USES, settings, ErrorType.UNREACHABLE, within=WITHIN)
    assert check_states(aws, settings) == [ON, ON]
    await perform(USES, settings, within=WITHIN)
    assert check_states(aws, settings) == [OFF, ON]


async def test_both_on_by_somebody_else_is_left_alone(aws: World) -> None:
    """Nobody has noted our decision there."""
    settings = checks(aws)
    name = settings["places"][STANDBY]["health_check"]
    aws.client("route53").update_health_check(HealthCheckId=name, Disabled=False, Inverted=False)
    sentence = await refused(USES, settings, ErrorType.WRONG_STATE, within=WITHIN)
    assert f"it leads to {ACTIVE}, {STANDBY}, which is neither" in sentence


async def test_a_check_that_is_inverted_in_normal_times_is_so_again(aws: World) -> None:
    """As the runbook says."""
    settings = checks(aws)
    settings["places"][STANDBY]["inverted"] = True
    await perform(USES, settings, within=WITHIN)
    assert check_states(aws, settings) == [OFF, (False, True)]


@pytest.mark.parametrize("twice", [True, False])
async def test_undo_brings_back_what_was(aws: World, twice: bool) -> None:  # noqa: FBT001
    """Also a check that looked at nothing, and also when the act was run twice."""
    settings = checks(aws)
    name = settings["places"][ACTIVE]["health_check"]
    aws.client("route53").update_health_check(HealthCheckId=name, Disabled=not twice, Inverted=False)
    done = await perform(USES, settings, within=WITHIN)
    done = await perform(USES, settings, within=WITHIN) if twice else done
    await perform(f"{USES}.undo", settings, within=WITHIN, before=done.before)
    assert check_states(aws, settings) == [(not twice, False), OFF]


async def test_everything_off_is_never_written(aws: World) -> None:
    """Route 53 would answer with everything then."""
    settings = checks(aws, weights={ACTIVE: 0, STANDBY: 0})
    assert "No region has any weight" in await refused(USES, settings, ErrorType.BAD_SETTINGS, within=WITHIN)
