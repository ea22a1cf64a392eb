from typing import Any

import pytest
from pydantic import ValidationError

from runbooks.aws.groups import Ec2Settings
from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.instances import running_of, stand_instances
from tests.aws.world import HERE, THERE, World


def told(aws: World, names: tuple[str, ...], replicas: int, **more: Any) -> dict[str, Any]:
    """The settings of a call."""
    return aws.settings(THERE, instances=list(names), replicas=replicas, **more)


async def test_they_are_started_in_their_order(aws: World) -> None:
    """No more than are needed."""
    names = stand_instances(aws, 1, 3)
    done = await perform("scale.ec2", told(aws, names, 3), within=10.0)
    assert done.reason == "3 instances are ready; before there were 1."
    assert running_of(aws, names) == list(names[:3])


async def test_nothing_is_stopped_while_failing_over(aws: World) -> None:
    """More than are needed go on; down stops the last ones."""
    names = stand_instances(aws, 3, 0)
    assert (await perform("scale.ec2", told(aws, names, 1), within=10.0)).changed is False
    await perform("scale.ec2", told(aws, names, 1, down=True), within=10.0)
    assert running_of(aws, names) == [names[0]]


async def test_where_there_is_no_room_for_one_another_is_started(aws: World) -> None:
    """Its status checks are waited for; when none is left, it says what AWS said."""
    names = stand_instances(aws, 0, 3)
    aws.tell("ec2", full=[names[0]])
    assert (await perform("scale.ec2", told(aws, names, 2), within=10.0)).changed is True
    assert running_of(aws, names) == list(names[1:])
    sentence = await refused("scale.ec2", told(aws, names, 3), ErrorType.NO_CAPACITY, within=10.0)
    assert "AWS answers InsufficientInstanceCapacity to ec2:StartInstances" in sentence


async def test_what_fails_its_status_checks_is_not_ready(aws: World) -> None:
    """It runs, and serves nobody."""
    names = stand_instances(aws, 0, 2)
    aws.tell("ec2", impaired=[names[1]])
    sentence = await refused("scale.ec2", told(aws, names, 2), ErrorType.NOT_YET, within=2.0)
    assert sentence.startswith("1 of 2 instances of it in eu-west-1 are ready")


async def test_an_undo_needs_no_answer_of_the_act(aws: World) -> None:
    """What was stopped before is on the instances themselves; what ran before goes on."""
    names = stand_instances(aws, 1, 2)
    settings = told(aws, names, 3)
    await perform("scale.ec2", settings, within=10.0)
    await perform("scale.ec2.undo", settings, within=10.0, before={})
    assert running_of(aws, names) == [names[0]]


async def test_a_quota_that_is_too_small_is_said_first(aws: World) -> None:
    """Nothing is started."""
    names = stand_instances(aws, 1, 2)
    aws.tell("service-quotas", quotas={"L-1216C47A": 4})
    sentence = await refused("scale.ec2", told(aws, names, 3), ErrorType.NO_CAPACITY, within=10.0)
    assert "is 4 vCPUs (L-1216C47A), of which 2 are used; 2 more m5.large need 4. Raise the quota" in sentence
    assert running_of(aws, names) == [names[0]]


async def test_it_may_be_sized_by_what_the_other_region_runs(aws: World) -> None:
    """Nobody has counted what ran there a day ago: then the plan's number stands."""
    upstream = aws.settings(HERE, instances=list(stand_instances(aws, 3, 1, HERE)))
    names = stand_instances(aws, 0, 4)
    day = told(aws, names, 1, match={"of": "24h-maximum"}, upstream=upstream)
    assert (await perform("scale.ec2", day, within=10.0)).reason.endswith("is not known: nothing has counted it.")
    done = await perform("scale.ec2", told(aws, names, 1, match={}, upstream=upstream), within=10.0)
    assert done.reason.startswith("3 instances are ready; before there were 1. That is more than the plan's 1")


@pytest.mark.parametrize("which", [{}, {"instances": ["i-0a"], "tags": {"service": "llm"}}])
def test_which_instances_is_said_in_one_way(which: dict[str, Any]) -> None:
    """By ids or by tags."""
    with pytest.raises(ValidationError, match="by `instances` or by `tags`"):
        Ec2Settings(aws_region="eu-west-1", **which)
