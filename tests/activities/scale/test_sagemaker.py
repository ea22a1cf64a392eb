from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import EPOCH, perform, refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.sagemaker import VARIANT, stand_endpoint

USES = "scale.sagemaker"


def stood(aws: World, instances: int, **more: Any) -> dict[str, Any]:
    """An endpoint of so many instances."""
    stand_endpoint(aws, HERE, "chat", instances)
    return aws.settings(endpoint_name="chat", **more)


def variant(aws: World) -> dict[str, Any]:
    """As SageMaker has it."""
    found: dict[str, Any] = aws.client("sagemaker").describe_endpoint(EndpointName="chat")["ProductionVariants"][0]
    return found


async def test_it_is_waited_for(aws: World) -> None:
    """A change takes its time; its share of the traffic stays; the decision is in the endpoint's tags."""
    settings = stood(aws, 1)
    aws.tell("sagemaker", slow=2)
    result = await perform(USES, {**settings, "replicas": 3}, within=20.0)
    assert result.reason == "3 instances are ready; before there were 1."
    assert (result.after["status"], variant(aws)["CurrentWeight"]) == ("InService", 1.0)
    arn = aws.client("sagemaker").describe_endpoint(EndpointName="chat")["EndpointArn"]
    assert aws.client("sagemaker").list_tags(ResourceArn=arn)["Tags"] == [{"Key": "evac:epoch", "Value": str(EPOCH)}]


async def test_another_change_under_way_is_waited_for(aws: World) -> None:
    """An endpoint takes one change at a time."""
    settings = stood(aws, 1)
    aws.tell("sagemaker", slow=2)
    asked = [{"VariantName": VARIANT, "DesiredInstanceCount": 2}]
    aws.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName="chat", DesiredWeightsAndCapacities=asked
    )
    assert (await perform(USES, {**settings, "replicas": 3}, within=20.0)).after["ready"] == 3


async def test_a_change_that_is_taken_back_ends_the_wait(aws: World) -> None:
    """No capacity: SageMaker goes back to what was, and says why."""
    settings = stood(aws, 1)
    aws.tell(
        "sagemaker", fails="Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity."
    )
    sentence = await refused(USES, {**settings, "replicas": 3}, ErrorType.NO_CAPACITY, within=10.0)
    assert sentence == (
        "SageMaker has gone back to 1 instances: Unable to provision requested ML compute capacity due to "
        "InsufficientInstanceCapacity. Ask for another instance type, or have the quota raised, then say retry."
    )
    assert variant(aws)["DesiredInstanceCount"] == 1


async def test_another_variant_is_named(aws: World) -> None:
    """With those that there are."""
    sentence = await refused(USES, {**stood(aws, 1, variant="B"), "replicas": 3}, ErrorType.NOT_FOUND, within=10.0)
    assert sentence == (
        "The SageMaker endpoint chat (us-east-1) has no variant B, but AllTraffic: correct the runbook."
    )


async def test_it_may_be_sized_by_what_the_other_region_runs(aws: World) -> None:
    """Instances of the same variant there."""
    stand_endpoint(aws, THERE, "chat", 4)
    upstream = aws.settings(THERE, endpoint_name="chat")
    settings = {**stood(aws, 1), "replicas": 2, "upstream": upstream, "match": {}}
    result = await perform(USES, settings, within=10.0)
    assert variant(aws)["DesiredInstanceCount"] == 4
    assert "That is more than the plan's 2: 100% of what eu-west-1 runs is 4 (4 there)." in result.reason
