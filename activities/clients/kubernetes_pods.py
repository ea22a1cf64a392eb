"""Why pods of a workload will never be ready, as far as Kubernetes says it.

A container that crashes and is started again is no such reason: what it needs may be on its way.
https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
"""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from activities.clients.kubernetes import Thing

_NO_IMAGE = frozenset({"ErrImageNeverPull", "ImagePullBackOff", "InvalidImageName"})
_NO_CONTAINER = frozenset({"CreateContainerConfigError"})
_SHOWN = 3


def hopeless(workload: Thing, pods: Sequence[Thing], replicas: int, patience: float) -> tuple[str, ...]:
    """The sentences why not so many will be ready, the first few; none as long as enough may still come.

    `patience`: so many seconds may a pod find no node.
    """
    refused = tuple(_refused(workload))
    if refused:
        return refused
    living = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    lost = [why for pod in living if (why := _why(pod, patience)) is not None]
    if not lost:
        return ()
    one_by_one = workload["kind"] == "StatefulSet" and workload["spec"].get("podManagementPolicy") != "Parallel"
    if not one_by_one and (len(living) < replicas or len(living) - len(lost) >= replicas):
        return ()  # others are still to come, or there are enough without them
    more = len(lost) - _SHOWN
    return (*lost[:_SHOWN], *((f"and {more} more like them",) if more > 0 else ()))


def _refused(workload: Thing) -> Iterator[str]:
    """Pods that may not be made at all: a quota, a policy."""
    for condition in workload.get("status", {}).get("conditions", ()):
        if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
            yield f"pods cannot be made: {str(condition.get('message', condition.get('reason', ''))).rstrip('.')}"


def _why(pod: Thing, patience: float) -> str | None:
    name, status = pod["metadata"]["name"], pod.get("status", {})
    for condition in status.get("conditions", ()):
        if (condition["type"], condition["status"], condition.get("reason")) == (
            "PodScheduled",
            "False",
            "Unschedulable",
        ) and _age(condition) >= patience:
            return f"{name} is unschedulable: {str(condition.get('message', '')).rstrip('.')}"
    for container in (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())):
        waiting = container.get("state", {}).get("waiting", {})
        if waiting.get("reason") in _NO_IMAGE | _NO_CONTAINER:
            said = str(waiting.get("message", "")).rstrip(".")
            return f"{name} cannot start {container['name']}: {waiting['reason']}" + (f" ({said})" if said else "")
    return None


def _age(condition: Thing) -> float:
    since = condition.get("lastTransitionTime")
    return time.time() - datetime.fromisoformat(since).timestamp() if since else 0.0
