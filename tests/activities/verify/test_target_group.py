from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.balancers import stand_targets
from tests.aws.world import THERE, World


async def test_it_insists_on_healthy_targets(aws: World) -> None:
    """Good at once when they are; else not yet, with the numbers."""
    arn, instances = stand_targets(aws, "llm", 2)
    settings = aws.settings(THERE, target_group=arn)
    done = await perform("verify.target_group", settings, within=10.0)
    assert done.reason == "2 of 2 targets of llm are healthy, and 1 must be."
    aws.client("ec2", THERE).stop_instances(InstanceIds=list(instances))
    sentence = await refused("verify.target_group", settings, ErrorType.NOT_YET, within=2.0)
    assert sentence.startswith("0 of 2 targets of llm are healthy, and 1 must be")
