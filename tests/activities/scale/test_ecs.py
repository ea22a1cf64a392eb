from datetime import UTC, datetime, timedelta

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.world import HERE, THERE, World


def stood(aws: World, tasks: int, region: str = HERE) -> dict[str, object]:
    """A service of so many tasks."""
    ecs = aws.client("ecs", region)
    ecs.create_cluster(clusterName="llm")
    task = [{"name": "llm", "image": "llm:1", "memory": 64, "cpu": 1}]
    ecs.register_task_definition(family="llm", containerDefinitions=task)
    ecs.create_service(cluster="llm", serviceName="llm", taskDefinition="llm", desiredCount=tasks)
    return aws.settings(region, cluster="llm", service="llm")


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


async def test_a_deployment_that_failed_is_waited_for_by_nobody(aws: World) -> None:
    """Its circuit breaker has given up: what ECS says of it is in the sentence."""
    settings = stood(aws, 2)
    aws.tell("ecs", most={"llm": 2}, failed={"llm": "ECS deployment circuit breaker: tasks failed to start."})
    sentence = await refused("scale.ecs", {**settings, "replicas": 5}, ErrorType.WRONG_STATE, within=10.0)
    assert sentence == (
        "The newest deployment has failed (ECS deployment circuit breaker: tasks failed to start): "
        "mend its task definition, deploy it, then say retry."
    )


async def test_what_ecs_says_of_tasks_that_do_not_start_is_passed_on(aws: World) -> None:
    """Capacity may come yet (a capacity provider makes it), so the step is tried again."""
    said = "(service llm) was unable to place a task. Reason: Capacity is unavailable at this time."
    settings = stood(aws, 2)
    aws.tell("ecs", most={"llm": 2}, events={"llm": [said]})
    sentence = await refused("scale.ecs", {**settings, "replicas": 5}, ErrorType.NOT_YET, within=2.0)
    assert sentence.endswith(f"the cloud says: {said}")


async def test_it_may_be_sized_by_what_the_other_region_runs(aws: World) -> None:
    """Its running tasks now, or the most that Container Insights has counted within a day."""
    upstream, settings = stood(aws, 4), stood(aws, 2, THERE)
    done = await perform(
        "scale.ecs", {**settings, "replicas": 3, "match": {"percent": 90}, "upstream": upstream}, within=10.0
    )
    assert done.reason == (
        "4 tasks are ready; before there were 2. "
        "That is more than the plan's 3: 90% of what us-east-1 runs is 4 (4 there)."
    )
    counted = {"MetricName": "RunningTaskCount", "Value": 9.0, "Timestamp": datetime.now(UTC) - timedelta(hours=2)}
    dimensions = [{"Name": "ClusterName", "Value": "llm"}, {"Name": "ServiceName", "Value": "llm"}]
    aws.client("cloudwatch").put_metric_data(
        Namespace="ECS/ContainerInsights", MetricData=[{**counted, "Dimensions": dimensions}]
    )
    match = {"of": "24h-maximum"}
    done = await perform("scale.ecs", {**settings, "replicas": 3, "match": match, "upstream": upstream}, within=10.0)
    assert done.reason.startswith("9 tasks are ready; before there were 4.")
