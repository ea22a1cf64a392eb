from runbooks.facts import ProcessValues
from tests.activities.calls import perform
from tests.activities.scale.test_eks_nodegroup import stood
from tests.aws.world import World


async def test_its_size_is_what_the_planner_reads(aws: World) -> None:
    """Wanted nodes, and those in service."""
    reading = (await perform("detect.eks_nodegroup", stood(aws, 4), within=10.0)).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("healthy", "4 of 4 nodes are in service.")
    assert ProcessValues(desired=4, ready=4) == ProcessValues.model_validate(reading.values)


async def test_what_ails_it_is_said(aws: World) -> None:
    """As EKS says it."""
    settings = stood(aws, 4)
    aws.tell("eks", issues=[{"code": "InstanceLimitExceeded", "message": "Your quota allows for 0 more instances."}])
    reading = (await perform("detect.eks_nodegroup", settings, within=10.0)).reading
    assert reading is not None
    assert reading.state == "unhealthy"
    assert reading.reason.endswith("EKS says: InstanceLimitExceeded: Your quota allows for 0 more instances.")
