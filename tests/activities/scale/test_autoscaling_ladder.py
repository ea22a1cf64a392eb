"""The ladder of an Auto Scaling group: where instances come from when AWS has no more."""

from typing import Any

import pytest
from pydantic import ValidationError
from temporalio.exceptions import ApplicationError

from runbooks.aws.groups import AutoscalingSettings
from runbooks.steps import ErrorType
from tests.activities.calls import STANDBY, perform, refused
from tests.aws.groups import IMAGE, group_of, shape_of, stand_group, subnets
from tests.aws.world import World

WITHIN = 20.0


async def scale(settings: dict[str, Any], **more: Any) -> Any:
    """The act's answer."""
    return await perform("scale.autoscaling", settings, within=WITHIN, **more)


def kinds(aws: World) -> list[str]:
    """The types of the instances, sorted."""
    return sorted(one["InstanceType"] for one in group_of(aws, "llm")["Instances"])


async def test_the_ladder_goes_on_where_aws_has_no_more(aws: World) -> None:
    """Each rung is tried in its order; what runs already stays, and the sentence names the rung that did it."""
    aws.tell("autoscaling", left={"on-demand:m5.large": 1, "on-demand:m5.xlarge": 1, "on-demand:c5.large": 0})
    ladder = [{"instance_types": ["c5.large", "m5.xlarge"]}, {"instance_types": ["c5.large"], "market": "spot"}]
    done = await scale({**stand_group(aws, "llm", 2), "replicas": 6, "ladder": ladder})
    assert done.reason == ("6 instances are ready, by rung 2 of its ladder (spot c5.large); before there were 2.")
    assert kinds(aws) == ["c5.large", "c5.large", "m5.large", "m5.large", "m5.large", "m5.xlarge"]


async def test_a_reserved_rung_takes_only_what_is_reserved_and_more_zones(aws: World) -> None:
    """The group's own subnets stay, so that nothing that serves is moved."""
    aws.tell("autoscaling", left={"on-demand:m5.large": 0})
    zones = ["eu-west-1c"]
    ladder = [{"reservations": ["cr-0a1b"], "zones": zones}]
    await scale({**stand_group(aws, "llm", 2), "replicas": 3, "ladder": ladder})
    shape = shape_of(aws, "llm")
    assert shape["reserved"] == {"CapacityReservationIds": ["cr-0a1b"]}
    assert shape["VPCZoneIdentifier"].split(",") == subnets(aws)[:3]


async def test_a_clear_stop_names_each_rung_and_what_aws_said(aws: World) -> None:
    """Final: trying again by itself would change nothing."""
    aws.tell("autoscaling", left={"on-demand:m5.large": 0, "on-demand:m5.xlarge": 0, "spot:m5.large": 0})
    ladder = [{"instance_types": ["m5.xlarge"]}, {"market": "spot"}]
    settings = {**stand_group(aws, "llm", 2), "replicas": 3, "ladder": ladder}
    sentence = await refused("scale.autoscaling", settings, ErrorType.NO_CAPACITY, within=WITHIN)
    assert sentence.startswith("llm in eu-west-1 has 2 of 3 instances, and gets no more. Tried: the group as it is: ")
    assert "do not have sufficient m5.large capacity" in sentence
    assert "rung 1 (on-demand m5.xlarge): Could not launch On-Demand Instances. InsufficientInstanceCap" in sentence
    assert "rung 2 (spot the group's own types): Could not launch Spot Instances. UnfulfillableCapacity" in sentence


async def test_after_the_stop_a_retry_begins_anew(aws: World) -> None:
    """A person has found capacity, and says retry: the group as it was is tried first."""
    aws.tell("autoscaling", left={"on-demand:m5.large": 0, "on-demand:m5.xlarge": 0})
    settings = {**stand_group(aws, "llm", 2), "replicas": 3, "ladder": [{"instance_types": ["m5.xlarge"]}]}
    before = shape_of(aws, "llm")
    await refused("scale.autoscaling", settings, ErrorType.NO_CAPACITY, within=WITHIN)
    aws.tell("autoscaling", left={"on-demand:m5.large": None})
    done = await scale(settings)
    assert done.reason == "3 instances are ready; before there were 2."
    assert shape_of(aws, "llm") == {**before, "DesiredCapacity": 3, "MaxSize": 3, "instances": 3}


async def test_another_worker_goes_on_where_the_first_died(aws: World) -> None:
    """The ladder's place and what was before are in the group's tags: the undo needs no answer of the act's."""
    aws.tell("autoscaling", left={"on-demand:m5.large": 0})
    settings = {**stand_group(aws, "llm", 2), "replicas": 3, "ladder": [{"instance_types": ["m5.xlarge"]}]}
    before = shape_of(aws, "llm")
    aws.bend("autoscaling:UpdateAutoScalingGroup", "refuse", times=1, after=1)
    with pytest.raises(ApplicationError):
        await scale(settings)
    done = await scale(settings)
    assert done.reason.startswith("3 instances are ready, by rung 1 of its ladder")
    await perform("scale.autoscaling.undo", settings, within=WITHIN, before={})
    assert shape_of(aws, "llm") == before


async def test_a_capacity_block_has_a_launch_template_of_its_own(aws: World) -> None:
    """That version, and that reservation; an undo brings back what the group had."""
    settings = {**stand_group(aws, "llm", 2), "replicas": 3}
    before = shape_of(aws, "llm")
    aws.client("ec2", STANDBY).create_launch_template_version(
        LaunchTemplateName="llm", LaunchTemplateData={"ImageId": IMAGE, "InstanceType": "p5.48xlarge"}
    )
    aws.tell("autoscaling", left={"on-demand:m5.large": 0})
    settings["ladder"] = [{"market": "capacity-block", "reservations": ["cr-0a1b"], "version": "2"}]
    await scale(settings)
    shape = shape_of(aws, "llm")
    assert (shape["LaunchTemplate"]["Version"], shape["reserved"]) == ("2", {"CapacityReservationIds": ["cr-0a1b"]})
    await perform("scale.autoscaling.undo", settings, within=WITHIN, before={})
    assert shape_of(aws, "llm") == before


async def test_a_group_of_a_policy_goes_back_to_it(aws: World) -> None:
    """Its own types and market come first, a rung without types keeps them, and an undo brings all of it back."""
    aws.tell("autoscaling", left={"on-demand:m5.large": 0, "on-demand:c5.large": 0})
    settings = {**stand_group(aws, "llm", 0, MaxSize=9, policy=["m5.large", "c5.large"]), "replicas": 2}
    before = shape_of(aws, "llm")
    settings["ladder"] = [{"market": "spot"}]
    await scale(settings)
    assert kinds(aws) == ["m5.large", "m5.large"]
    assert shape_of(aws, "llm") != before
    await perform("scale.autoscaling.undo", settings, within=WITHIN, before={})
    assert shape_of(aws, "llm") == before


@pytest.mark.parametrize(
    ("ladder", "words"),
    [
        ([{"market": "spot", "reservations": ["cr-0a"]}], "spot instances are never launched into a capacity"),
        ([{"market": "spot"}, {"instance_types": ["c5.large"]}], "spot comes last in a ladder"),
        ([{"market": "capacity-block", "reservations": ["cr-0a"]}], "a capacity block needs its reservation, and the"),
        ([{}], "this rung is the group as it is"),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(ladder: list[dict[str, Any]], words: str) -> None:
    """Before anything fails."""
    with pytest.raises(ValidationError, match=words):
        AutoscalingSettings.model_validate({"aws_region": STANDBY, "group": "llm", "ladder": ladder})
