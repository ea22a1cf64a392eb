"""Why pods of a workload will never be ready, as far as Kubernetes says it.

A container that crashes and is started again is no such reason: what it needs may be on its way.
https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/
"""

import time
from collections.abc import Sequence
from datetime import datetime

from activities.clients.kubernetes import Thing
from runbooks.values import Model

_CANNOT_START = frozenset({"CreateContainerConfigError", "ErrImageNeverPull", "ImagePullBackOff", "InvalidImageName"})
_SHOWN = 3


class Hopeless(Model):
    """One reason."""

    why: str
    no_room: bool = False
    """No node or no quota has room for it; otherwise something is wrong with it."""


def hopeless(workload: Thing, pods: Sequence[Thing], replicas: int, patience: float) -> tuple[Hopeless, ...]:
    """Why not so many will be ready, the first few reasons; none as long as enough may still come.

    `patience`: so many seconds may a pod find no node.
    """
    refused = [one for one in workload.get("status", {}).get("conditions", ()) if _true(one, "ReplicaFailure")]
    if refused:  # a quota, a policy
        said = str(refused[0].get("message", refused[0].get("reason", ""))).rstrip(".")
        return (Hopeless(why=f"pods cannot be made: {said}", no_room=True),)
    living = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    lost = [why for pod in living if (why := _why(pod, patience)) is not None]
    if not lost:
        return ()
    one_by_one = workload["kind"] == "StatefulSet" and workload["spec"].get("podManagementPolicy") != "Parallel"
    if not one_by_one and (len(living) < replicas or len(living) - len(lost) >= replicas):
        return ()  # others are still to come, or there are enough without them
    more = len(lost) - _SHOWN
    return (*lost[:_SHOWN], *((Hopeless(why=f"and {more} more like them"),) if more > 0 else ()))


def _true(condition: Thing, kind: str) -> bool:
    return (condition["type"], condition["status"]) == (kind, "True")


def _why(pod: Thing, patience: float) -> Hopeless | None:
    name, status = pod["metadata"]["name"], pod.get("status", {})
    unscheduled = ("PodScheduled", "False", "Unschedulable")
    for condition in status.get("conditions", ()):
        what = (condition["type"], condition["status"], condition.get("reason"))
        if what == unscheduled and _age(condition) >= patience:
            said = str(condition.get("message", "")).rstrip(".")
            return Hopeless(why=f"{name} is unschedulable: {said}", no_room=True)
    for container in (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())):
        waiting = container.get("state", {}).get("waiting", {})
        if waiting.get("reason") in _CANNOT_START:
            said = str(waiting.get("message", "")).rstrip(".")
            reason = waiting["reason"] + (f" ({said})" if said else "")
            return Hopeless(why=f"{name} cannot start {container['name']}: {reason}")
    return None


def _age(condition: Thing) -> float:
    since = condition.get("lastTransitionTime")
    return time.time() - datetime.fromisoformat(since).timestamp() if since else 0.0
