from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.nodegroups import stand_nodegroup
from tests.aws.world import HERE, THERE, World

USES = "scale.eks_nodegroup"


def stood(aws: World, nodes: int, largest: int = 10) -> dict[str, Any]:
    """A node group of so many nodes."""
    stand_nodegroup(aws, HERE, "llm", nodes, largest)
    return aws.settings(cluster="llm", nodegroup="gpu")


def sizes(aws: World) -> dict[str, int]:
    """As EKS has them."""
    group = aws.client("eks").describe_nodegroup(clusterName="llm", nodegroupName="gpu")["nodegroup"]
    found: dict[str, int] = group["scalingConfig"]
    return found


async def test_its_largest_size_is_raised_only_when_it_must(aws: World) -> None:
    """Five nodes fit in ten; twelve do not."""
    settings = stood(aws, 2)
    await perform(USES, {**settings, "replicas": 5}, within=10.0)
    assert sizes(aws) == {"minSize": 0, "maxSize": 10, "desiredSize": 5}
    result = await perform(USES, {**settings, "replicas": 12}, within=10.0)
    assert sizes(aws) == {"minSize": 0, "maxSize": 12, "desiredSize": 12}
    assert result.reason == "12 nodes are ready; before there were 5."


async def test_it_is_waited_for(aws: World) -> None:
    """An update takes its time; the nodes are counted when they are in service."""
    settings = stood(aws, 2)
    aws.tell("eks", slow=2)
    result = await perform(USES, {**settings, "replicas": 4}, within=20.0)
    assert (result.changed, result.after["ready"], result.after["status"]) == (True, 4, "ACTIVE")


async def test_it_never_scales_in_while_failing_over(aws: World) -> None:
    """More nodes than are needed are left alone."""
    result = await perform(USES, {**stood(aws, 5), "replicas": 3}, within=10.0)
    assert (result.changed, result.reason) == (False, "5 nodes are ready already, and 3 are needed.")
    assert sizes(aws)["desiredSize"] == 5


async def test_it_is_scaled_in_by_order(aws: World) -> None:
    """Where traffic has left."""
    settings = stood(aws, 5)
    result = await perform(USES, {**settings, "replicas": 1, "down": True}, within=10.0)
    assert result.reason == "1 nodes are wanted; before there were 5."
    assert sizes(aws)["desiredSize"] == 1


async def test_what_ails_it_ends_the_wait(aws: World) -> None:
    """No instances of that type: EKS says so, and nobody waits for them; what it said before is no news."""
    settings = stood(aws, 2)
    old = {"code": "Ec2SecurityGroupNotFound", "message": "An old one."}
    aws.tell("eks", most=3, issues=[old])
    assert await refused(USES, {**settings, "replicas": 4}, ErrorType.NOT_YET, within=3.0)
    new = {"code": "AsgInstanceLaunchFailures", "message": "InsufficientInstanceCapacity for g5.xlarge."}
    aws.tell("eks", issues=[new])
    sentence = await refused(USES, {**settings, "replicas": 4}, ErrorType.NO_CAPACITY, within=10.0)
    assert sentence == (
        "EKS cannot bring the node group to 4 nodes (3 are in service): AsgInstanceLaunchFailures: "
        "InsufficientInstanceCapacity for g5.xlarge. "
        "Mend that, or ask for other instance types or zones, then say retry."
    )


async def test_an_update_that_fails_ends_the_wait(aws: World) -> None:
    """Its errors are in the sentence."""
    settings = stood(aws, 2)
    aws.tell("eks", fails=[{"errorCode": "AccessDenied", "errorMessage": "Not authorized to perform that."}])
    sentence = await refused(USES, {**settings, "replicas": 4}, ErrorType.NO_CAPACITY, within=10.0)
    assert "the update u-1 has failed (AccessDenied: Not authorized to perform that)" in sentence


async def test_another_update_under_way_is_waited_for(aws: World) -> None:
    """EKS takes one update at a time: that is no error, it is tried again."""
    settings = stood(aws, 2)
    aws.tell("eks", slow=3)
    sizes_of = {"minSize": 0, "maxSize": 10, "desiredSize": 3}
    aws.client("eks").update_nodegroup_config(clusterName="llm", nodegroupName="gpu", scalingConfig=sizes_of)
    assert (await perform(USES, {**settings, "replicas": 4}, within=20.0)).after["ready"] == 4


async def test_it_may_be_sized_by_what_the_other_region_runs(aws: World) -> None:
    """Nodes in service there; or the most within 24 hours, which nobody counts unless group metrics are on."""
    stand_nodegroup(aws, THERE, "llm", 6, 10)
    upstream = aws.settings(THERE, cluster="llm", nodegroup="gpu")
    settings = {**stood(aws, 2), "replicas": 3, "upstream": upstream}
    result = await perform(USES, {**settings, "match": {"percent": 50}}, within=10.0)
    assert (result.changed, sizes(aws)["desiredSize"]) == (True, 3)
    assert "The plan's 3 stands: 50% of what eu-west-1 runs is 3 (6 there)." in result.reason
    result = await perform(USES, {**settings, "match": {"percent": 100}}, within=10.0)
    assert sizes(aws)["desiredSize"] == 6
    result = await perform(USES, {**settings, "match": {"of": "24h-maximum"}}, within=10.0)
    assert "nothing has counted it" in result.reason
