from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, refused
from tests.activities.switches import ACCELERATOR, dial_states, dials
from tests.aws.world import World

USES = "cut_over.global_accelerator"
WITHIN = 15.0


async def test_the_dials_are_turned_and_deployed(aws: World) -> None:
    """Opened first, then shut; it waits until the accelerator has them, and the decision is in its tags."""
    settings = dials(aws)
    aws.tell("globalaccelerator", takes=1)
    done = await perform(USES, settings, within=WITHIN)
    assert dial_states(aws) == [0.0, 100.0]
    assert done.reason == f"it leads to {STANDBY}; before it led to {ACTIVE}."
    tags = aws.client("globalaccelerator", "us-west-2").list_tags_for_resource(ResourceArn=ACCELERATOR)["Tags"]
    assert tags == [{"Key": "evac:epoch", "Value": str(EPOCH)}]


async def test_only_as_far_as_the_runbook_says(aws: World) -> None:
    """A region that is to take 60 per cent of its part."""
    settings = dials(aws)
    settings["places"][STANDBY]["dial"] = 60
    await perform(USES, settings, within=WITHIN)
    assert dial_states(aws) == [0.0, 60.0]


async def test_one_that_is_not_deployed_in_time_is_looked_at_again(aws: World) -> None:
    """The next try waits on, and changes nothing."""
    settings = dials(aws)
    aws.tell("globalaccelerator", takes=4)
    sentence = await refused(USES, settings, ErrorType.NOT_YET, within=2.0)
    assert "it leads to eu-west-1, and it is still being spread: it is looked at again." in sentence
    sent = len(aws.asked(changes=True))
    done = await perform(USES, settings, within=WITHIN)
    assert (done.changed, len(aws.asked(changes=True))) == (False, sent)


async def test_killed_between_the_two_it_goes_on(aws: World) -> None:
    """Both are open, by our own decision."""
    settings = dials(aws)
    aws.bend("globalaccelerator:UpdateEndpointGroup", "refuse", times=1, after=1)
    await refused(USES, settings, ErrorType.UNREACHABLE, within=WITHIN)
    assert dial_states(aws) == [80.0, 100.0]
    await perform(USES, settings, within=WITHIN)
    assert dial_states(aws) == [0.0, 100.0]


async def test_undo_opens_them_as_far_as_they_were(aws: World) -> None:
    """80 per cent, and not all."""
    settings = dials(aws)
    done = await perform(USES, settings, within=WITHIN)
    await perform(f"{USES}.undo", settings, within=WITHIN, before=done.before)
    assert dial_states(aws) == [80.0, 0.0]


async def test_all_shut_is_never_written(aws: World) -> None:
    """It would take the system away."""
    settings = dials(aws, weights={ACTIVE: 0})
    assert "No region has any weight" in await refused(USES, settings, ErrorType.BAD_SETTINGS, within=WITHIN)
