"""A workload of Kubernetes with its scale, its HorizontalPodAutoscaler, and the decision in its annotations.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/
https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
"""

from typing import Any

from activities.acting import View
from activities.clients.kubernetes import Cluster, Thing
from activities.clients.kubernetes_pods import Hopeless, hopeless
from activities.errors import StepError
from runbooks.kubernetes import KubernetesSettings
from runbooks.steps import ErrorType

EPOCH = "evac.dev/epoch"
"""The annotation with the newest decision that has changed it. It is written by compare-and-set."""


class Autoscaler(View):
    """A HorizontalPodAutoscaler: what it lets the workload be."""

    name: str
    version: str
    least: int
    most: int
    owner: str = ""
    """Who writes it, such as KEDA's ScaledObject: what we wrote would not last."""


class WorkloadView(View):
    """As the API server shows it."""

    desired: int
    """So many are sure to stay: its own size, or the least that its autoscaler leaves it."""
    ready: int
    replicas: int
    """Its size now."""
    version: str
    autoscaler: Autoscaler | None = None
    stuck: tuple[str, ...] = ()
    """Why so many will never be ready."""
    no_room: bool = False
    """The first reason is that there is no node or no quota for them."""
    epoch: int | None = None


def path_of(settings: KubernetesSettings) -> str:
    """Where the workload is."""
    return f"/apis/{settings.api}/namespaces/{settings.namespace}/{settings.resource}/{settings.name}"


async def read_workload(there: Cluster, settings: KubernetesSettings) -> WorkloadView:
    """Look. Raises StepError; what is being deleted is in the wrong state."""
    workload, scale = await there.get(path_of(settings)), await there.get(f"{path_of(settings)}/scale")
    if workload["metadata"].get("deletionTimestamp"):
        sentence = f"{settings.resource}/{settings.name} in {settings.namespace} is being deleted: it cannot be scaled."
        raise StepError(ErrorType.WRONG_STATE, sentence)
    found = await _autoscaler_of(there, settings, workload)
    replicas, status = int(scale["spec"].get("replicas", 0)), workload.get("status", {})
    stale = int(status.get("observedGeneration", workload["metadata"].get("generation", 0)))
    current = stale >= int(workload["metadata"].get("generation", 0))
    ready = int(status.get("readyReplicas", 0)) if current else 0  # else they are counted for an older wish
    selector = str(scale.get("status", {}).get("selector", ""))
    stuck: tuple[Hopeless, ...] = ()
    if current and ready < replicas and selector:
        pods = await there.get(f"/api/v1/namespaces/{settings.namespace}/pods", labelSelector=selector)
        stuck = hopeless(workload, pods["items"], replicas, settings.unschedulable)
    autoscaler = None if found is None else _autoscaler(found)
    return WorkloadView(
        # An autoscaler leaves a workload of size 0 alone ("implicit maintenance-mode deactivation").
        desired=replicas if autoscaler is None or not replicas else autoscaler.least,
        ready=ready,
        replicas=replicas,
        version=workload["metadata"]["resourceVersion"],
        autoscaler=autoscaler,
        stuck=tuple(one.why for one in stuck),
        no_room=bool(stuck) and stuck[0].no_room,
        epoch=max((_epoch(thing) for thing in (workload, found) if thing is not None), default=0) or None,
    )


async def size_workload(
    there: Cluster, settings: KubernetesSettings, seen: WorkloadView, wanted: WorkloadView, epoch: int
) -> None:
    """Bring it to the wanted size and bounds, if it is still as it was seen. Raises StepError (CONFLICT: it is not).

    The decision is noted first; the autoscaler is moved before the workload, so that it does not undo what is done.
    """
    version = seen.version
    if seen.epoch != epoch:
        noted = {"metadata": {"resourceVersion": version, "annotations": {EPOCH: str(epoch)}}}
        version = (await there.patch(path_of(settings), noted))["metadata"]["resourceVersion"]
    had, has = seen.autoscaler, wanted.autoscaler
    if had is not None and has is not None and (had.least, had.most) != (has.least, has.most):
        bounds = {
            "metadata": {"resourceVersion": had.version, "annotations": {EPOCH: str(epoch)}},
            "spec": {"minReplicas": has.least, "maxReplicas": has.most},
        }
        await there.patch(f"{_autoscalers(settings)}/{had.name}", bounds)
    if wanted.replicas != seen.replicas:
        size = {"metadata": {"resourceVersion": version}, "spec": {"replicas": wanted.replicas}}
        await there.patch(f"{path_of(settings)}/scale", size)


def _autoscalers(settings: KubernetesSettings) -> str:
    return f"/apis/autoscaling/v2/namespaces/{settings.namespace}/horizontalpodautoscalers"


async def _autoscaler_of(there: Cluster, settings: KubernetesSettings, workload: Thing) -> Thing | None:
    group = settings.api.rpartition("/")[0]
    for found in (await there.get(_autoscalers(settings)))["items"]:
        target = found["spec"]["scaleTargetRef"]
        ours = (target["kind"], target["name"]) == (workload["kind"], settings.name)
        if ours and str(target.get("apiVersion", "")).rpartition("/")[0] == group:
            return dict(found)
    return None


def _autoscaler(found: Thing) -> Autoscaler:
    spec, owners = found["spec"], found["metadata"].get("ownerReferences", ())
    return Autoscaler(
        name=found["metadata"]["name"],
        version=found["metadata"]["resourceVersion"],
        least=int(spec.get("minReplicas", 1)),
        most=int(spec["maxReplicas"]),
        owner=next((f"{one['kind']} {one['name']}" for one in owners if one.get("controller")), ""),
    )


def _epoch(thing: dict[str, Any]) -> int:
    kept = str(thing["metadata"].get("annotations", {}).get(EPOCH, ""))
    return int(kept) if kept.isdecimal() else 0
