from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.world import World


def stood(aws: World, tasks: int) -> dict[str, object]:
    """A service of so many tasks."""
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName="llm")
    task = [{"name": "llm", "image": "llm:1", "memory": 64, "cpu": 1}]
    ecs.register_task_definition(family="llm", containerDefinitions=task)
    ecs.create_service(cluster="llm", serviceName="llm", taskDefinition="llm", desiredCount=tasks)
    return aws.settings(cluster="llm", service="llm")


async def test_it_never_scales_in_while_failing_over(aws: World) -> None:
    """More tasks than are needed are left alone."""
    result = await perform("scale.ecs", {**stood(aws, 5), "replicas": 3}, within=10.0)
    assert (result.changed, result.reason) == (False, "5 tasks are ready already, and 3 are needed.")
    assert aws.client("ecs").describe_services(cluster="llm", services=["llm"])["services"][0]["desiredCount"] == 5


async def test_tasks_that_do_not_start_are_counted(aws: World) -> None:
    """Four of five tasks run: it says so when its time is over, and stays to be tried again."""
    settings = stood(aws, 2)
    aws.tell("ecs", most={"llm": 4})
    sentence = await refused("scale.ecs", {**settings, "replicas": 5}, ErrorType.NOT_YET, within=3.0)
    assert sentence.startswith("4 of 5 tasks of it in eu-west-1 are ready after")
