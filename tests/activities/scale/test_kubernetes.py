from typing import Any

import pytest
from pydantic import ValidationError

from runbooks.kubernetes import KubernetesSettings
from runbooks.steps import ErrorType
from tests.activities.calls import EPOCH, perform, refused
from tests.kubernetes.server import ApiServer, Bend
from tests.kubernetes.world import LWS, autoscaler, reached, workload

USES = "scale.kubernetes"


def size(kube: ApiServer) -> int:
    """Of the Deployment `chat`."""
    return int(kube.see("apps/v1", "deployments", "chat")["spec"]["replicas"])


def bounds(kube: ApiServer) -> tuple[int, int]:
    """Of its autoscaler."""
    spec = kube.see("autoscaling/v2", "horizontalpodautoscalers", "chat-hpa")["spec"]
    return spec["minReplicas"], spec["maxReplicas"]


def asking(kube: ApiServer, replicas: int, **more: Any) -> dict[str, Any]:
    """A call for the Deployment `chat`."""
    return {**reached(kube, "chat"), "replicas": replicas, **more}


async def test_without_an_autoscaler_its_size_is_set(kube: ApiServer) -> None:
    """The decision is in an annotation."""
    workload(kube, "chat", 2)
    result = await perform(USES, asking(kube, 4), within=10.0)
    assert result.reason == "4 replicas are ready; before there were 2."
    assert size(kube) == 4
    kept = kube.see("apps/v1", "deployments", "chat")["metadata"]["annotations"]
    assert kept == {"evac.dev/epoch": str(EPOCH)}


async def test_an_autoscaler_keeps_its_freedom_above_the_floor(kube: ApiServer) -> None:
    """Its floor is raised; its ceiling only when it is below that."""
    workload(kube, "chat", 2)
    autoscaler(kube, "chat", 1, 10)
    await perform(USES, asking(kube, 4), within=10.0)
    assert (size(kube), bounds(kube)) == (4, (4, 10))
    await perform(USES, asking(kube, 12), within=10.0)
    assert (size(kube), bounds(kube)) == (12, (12, 12))


async def test_what_an_autoscaler_may_take_back_is_not_enough(kube: ApiServer) -> None:
    """Six run because of today's load, and only one of them is sure to stay."""
    workload(kube, "chat", 6)
    autoscaler(kube, "chat", 1, 10)
    result = await perform(USES, asking(kube, 4), within=10.0)
    assert (result.changed, size(kube), bounds(kube)) == (True, 6, (4, 10))


async def test_an_autoscaler_of_nothing_is_woken(kube: ApiServer) -> None:
    """It leaves a workload of size 0 alone, whatever its floor: the size itself must be set, too."""
    workload(kube, "chat", 0)
    autoscaler(kube, "chat", 5, 10)
    result = await perform(USES, asking(kube, 4), within=10.0)
    assert (result.changed, size(kube), bounds(kube)) == (True, 5, (5, 10))


async def test_scaled_in_to_nothing_and_back(kube: ApiServer) -> None:
    """No autoscaler has a floor of 0; the undo brings back size and floor."""
    workload(kube, "chat", 6)
    autoscaler(kube, "chat", 3, 10)
    down = asking(kube, 0, down=True)
    done = await perform(USES, down, within=10.0)
    assert (done.changed, size(kube), bounds(kube)) == (True, 0, (1, 10))
    assert (await perform(USES, down, within=10.0)).changed is False
    back = await perform(f"{USES}.undo", down, within=10.0, before=done.before)
    assert (back.changed, size(kube), bounds(kube)) == (True, 6, (3, 10))


async def test_an_autoscaler_of_keda_is_left_alone(kube: ApiServer) -> None:
    """KEDA would write back what we change: it is said where the size is to be set."""
    workload(kube, "chat", 2)
    owner = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "chat", "controller": True}
    autoscaler(kube, "chat", 1, 10, ownerReferences=[owner])
    sentence = await refused(USES, asking(kube, 4), ErrorType.WRONG_STATE, within=10.0)
    assert sentence.startswith("The autoscaler chat-hpa is written by ScaledObject chat, which takes back")
    assert (size(kube), bounds(kube)) == (2, (1, 10))
    check = await perform(f"{USES}.check", asking(kube, 4), within=10.0)
    assert (check.proved, check.reason) == (False, sentence)


@pytest.mark.parametrize(("plural", "api"), [("statefulsets", "apps/v1"), ("leaderworkersets", LWS)])
async def test_whatever_has_a_scale(kube: ApiServer, plural: str, api: str) -> None:
    """A StatefulSet; a LeaderWorkerSet, whose status knows no generation."""
    workload(kube, "chat", 1, plural, api)
    result = await perform(USES, asking(kube, 3, resource=plural, api=api), within=10.0)
    assert (result.changed, result.after["ready"]) == (True, 3)
    assert kube.see(api, plural, "chat")["spec"]["replicas"] == 3


async def test_old_numbers_are_not_counted(kube: ApiServer) -> None:
    """What the status says of an older wish is no proof: the controllers are waited for."""
    workload(kube, "chat", 2)
    kube.controllers.slow = 6
    result = await perform(USES, asking(kube, 3), within=15.0)
    assert result.after["ready"] == 3


async def test_somebody_else_is_at_it(kube: ApiServer) -> None:
    """Whoever changes it between look and order makes our order look again, and nothing of theirs is lost."""
    workload(kube, "chat", 2)
    changed = kube.things.merge
    taken: list[int] = []

    def meddled(key: Any, changes: Any) -> Any:
        if "resourceVersion" in changes.get("metadata", {}) and not taken:
            taken.append(1)
            changed(key, {"metadata": {"labels": {"by": "them"}}})
        return changed(key, changes)

    kube.things.merge = meddled  # type: ignore[method-assign] - the server's own store, met by another client
    result = await perform(USES, asking(kube, 4), within=10.0)
    assert (result.changed, size(kube), taken) == (True, 4, [1])
    assert kube.see("apps/v1", "deployments", "chat")["metadata"]["labels"] == {"by": "them"}


async def test_pods_without_a_node_end_the_wait(kube: ApiServer) -> None:
    """When new nodes have had their time; until then they are waited for."""
    workload(kube, "chat", 2)
    kube.controllers.nodes = 3
    sentence = await refused(USES, asking(kube, 5, unschedulable=0), ErrorType.NO_CAPACITY, within=10.0)
    assert sentence == (
        "3 of 5 replicas are ready: chat-3 is unschedulable: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu; "
        "chat-4 is unschedulable: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu. Mend that, then say retry."
    )
    assert await refused(USES, asking(kube, 5), ErrorType.NOT_YET, within=2.0)
    kube.controllers.nodes = 10
    assert (await perform(USES, asking(kube, 5), within=10.0)).after["ready"] == 5


async def test_an_image_that_cannot_be_pulled_ends_the_wait(kube: ApiServer) -> None:
    """It is named, with what the kubelet says."""
    workload(kube, "chat", 2)
    kube.controllers.image = False
    sentence = await refused(USES, asking(kube, 5), ErrorType.WRONG_STATE, within=10.0)
    assert 'chat-0 cannot start llm: ImagePullBackOff (Back-off pulling image "llm:2")' in sentence
    assert sentence.endswith("and 2 more like them. Mend that, then say retry.")


async def test_a_quota_of_the_namespace_ends_the_wait(kube: ApiServer) -> None:
    """Pods that may not even be made."""
    workload(kube, "chat", 2)
    kube.controllers.quota = 4
    sentence = await refused(USES, asking(kube, 5), ErrorType.NO_CAPACITY, within=10.0)
    assert sentence == "4 of 5 replicas are ready: pods cannot be made: exceeded quota: gpu. Mend that, then say retry."


async def test_it_may_be_sized_by_what_the_other_region_runs(kube: ApiServer) -> None:
    """Another cluster, which is asked by its own settings."""
    workload(kube, "chat", 2)
    other = ApiServer()
    try:
        workload(other, "chat", 8)
        asked = asking(kube, 3, match={"percent": 75}, upstream=reached(other, "chat"))
        result = await perform(USES, asked, within=10.0)
        other.bends.append(Bend("*", "deny", None))
        again = await perform(USES, asked, within=10.0)
    finally:
        other.close()
    assert (size(kube), result.after["ready"]) == (6, 6)
    assert "That is more than the plan's 3: 75% of what the other region runs is 6 (8 there)." in result.reason
    assert "3 stands, as 75% of what the other region runs is not known: The cluster denies" in again.reason


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "give one of `kubeconfig`, `server` and `eks`"),
        ({"kubeconfig": "x", "server": "http://x"}, "give one of `kubeconfig`, `server` and `eks`"),
        ({"server": "http://x"}, "`server` needs `token`"),
        ({"server": "http://x", "token": "env://T", "context": "c"}, "`context` is one of a `kubeconfig`"),
        ({"kubeconfig": "x", "token": "env://T"}, "`token` and `ca` go with `server`"),
    ],
)
def test_there_is_one_way_to_a_cluster(given: dict[str, Any], why: str) -> None:
    """Not none, not two, and with all that it needs."""
    with pytest.raises(ValidationError, match=why):
        KubernetesSettings.model_validate({"name": "chat", **given})
