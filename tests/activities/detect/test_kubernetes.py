from runbooks.facts import ProcessValues
from tests.activities.calls import perform
from tests.kubernetes.server import ApiServer
from tests.kubernetes.world import autoscaler, reached, workload


async def test_its_size_is_what_the_planner_reads(kube: ApiServer) -> None:
    """What runs, whoever has made it so: an autoscaler's floor is not what the lost region needed."""
    workload(kube, "chat", 6)
    autoscaler(kube, "chat", 1, 10)
    kube.controllers.nodes = 5
    reading = (await perform("detect.kubernetes", reached(kube, "chat"), within=10.0)).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("healthy", "5 of 6 replicas are ready.")
    assert ProcessValues(desired=6, ready=5) == ProcessValues.model_validate(reading.values)


async def test_why_it_is_too_small_is_said(kube: ApiServer) -> None:
    """Images that cannot be pulled, by name."""
    workload(kube, "chat", 1)
    kube.controllers.image = False
    reading = (await perform("detect.kubernetes", reached(kube, "chat"), within=10.0)).reading
    assert reading is not None
    assert reading.state == "unhealthy"
    assert reading.reason.startswith("0 of 1 replicas are ready. chat-0 cannot start llm: ImagePullBackOff")
