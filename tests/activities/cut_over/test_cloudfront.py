from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, STANDBY, perform, refused
from tests.activities.switches import distribution, targets
from tests.aws.world import World

USES = "cut_over.cloudfront"
WITHIN = 25.0


async def test_what_led_to_the_old_origin_leads_to_the_new_one(aws: World) -> None:
    """Behaviours of other origins, and everything else of the distribution, stay as they are."""
    settings = distribution(aws)
    config = aws.client("cloudfront").get_distribution_config(Id=settings["distribution"])["DistributionConfig"]
    done = await perform(USES, settings, within=WITHIN)
    assert targets(aws, settings) == ["two", "two", "pictures"]
    assert done.reason == f"it leads to {STANDBY}; before it led to {ACTIVE}."
    after = aws.client("cloudfront").get_distribution_config(Id=settings["distribution"])["DistributionConfig"]
    assert (after["Comment"], after["Origins"]) == (config["Comment"], config["Origins"])


async def test_it_waits_until_it_is_deployed(aws: World) -> None:
    """When that takes longer than a try, the next one waits on and changes nothing."""
    settings = distribution(aws)
    aws.tell("cloudfront", takes=3)
    sentence = await refused(USES, settings, ErrorType.NOT_YET, within=2.0)
    assert "it is still being spread" in sentence
    sent = len(aws.asked(changes=True))
    done = await perform(USES, settings, within=WITHIN)
    assert (done.changed, len(aws.asked(changes=True))) == (False, sent)


async def test_somebody_elses_change_is_not_overwritten(aws: World) -> None:
    """The ETag is another one: it is looked at again, and then done on what is there now."""
    settings = distribution(aws)
    aws.bend("cloudfront:UpdateDistribution", "throttle", times=1)
    aws.tell("cloudfront", touched=[settings["distribution"]])
    await perform(USES, settings, within=WITHIN)
    assert targets(aws, settings) == ["two", "two", "pictures"]


async def test_two_regions_at_once_are_refused(aws: World) -> None:
    """It says which kind can."""
    settings = distribution(aws, weights={ACTIVE: 50, STANDBY: 50})
    sentence = await refused(USES, settings, ErrorType.BAD_SETTINGS, within=WITHIN)
    assert "leads to one origin at a time" in sentence
    assert targets(aws, settings) == ["one", "one", "pictures"]


async def test_an_origin_that_is_not_there_is_named(aws: World) -> None:
    """Before anything is changed."""
    settings = distribution(aws)
    settings["places"][STANDBY] = {"origin": "tow"}
    sentence = await refused(USES, settings, ErrorType.NOT_FOUND, within=WITHIN)
    assert "has no origin tow: correct `origin`." in sentence


async def test_undo_leads_each_behaviour_back(aws: World) -> None:
    """To where it led."""
    settings = distribution(aws)
    done = await perform(USES, settings, within=WITHIN)
    await perform(f"{USES}.undo", settings, within=WITHIN, before=done.before)
    assert targets(aws, settings) == ["one", "one", "pictures"]
