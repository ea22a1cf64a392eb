"""What controllers, scheduler and kubelets do between two requests: sizes become pods, and pods become ready."""

from datetime import UTC, datetime
from typing import Any

from tests.kubernetes.things import SCALED, Key, Thing, Things


class Controllers:
    """They go on by a step with each request, as far as the test lets them."""

    def __init__(self, things: Things) -> None:
        self._things = things
        self.nodes = 1000
        """So many pods find a node."""
        self.image = True
        """Images can be pulled."""
        self.quota = 1000
        """So many pods may be made."""
        self.slow = 0
        """So many more steps is nothing done."""

    def step(self) -> None:
        """One turn of each."""
        if self.slow > 0:
            self.slow -= 1
            return
        for key in list(self._things.all):
            if key[1] == "horizontalpodautoscalers":
                self._autoscale(self._things.all[key], key)
        for key in list(self._things.all):
            if key[1] in SCALED:
                self._run(key, self._things.all[key])

    def _autoscale(self, autoscaler: Thing, key: Key) -> None:
        spec = autoscaler["spec"]
        target = spec["scaleTargetRef"]
        for found, thing in list(self._things.all.items()):
            if (
                found[1] in SCALED
                and found[2] == key[2]
                and (thing["kind"], found[3]) == (target["kind"], target["name"])
            ):
                now = thing["spec"]["replicas"]
                wanted = min(max(now, spec.get("minReplicas", 1)), spec["maxReplicas"]) if now else 0
                if wanted != now:
                    self._things.merge(found, {"spec": {"replicas": wanted}})

    def _run(self, key: Key, thing: Thing) -> None:
        wanted = thing["spec"]["replicas"]
        made = min(wanted, self.quota)
        names = [f"{key[3]}-{number}" for number in range(made)]
        for found in [one for one in self._things.all if one[1] == "pods" and one[2] == key[2]]:
            if found[3].rpartition("-")[0] == key[3] and found[3] not in names:
                del self._things.all[found]
        ready = 0
        for number, name in enumerate(names):
            pod = ("v1", "pods", key[2], name)
            fits = number < self.nodes
            ready += fits and self.image
            if pod not in self._things.all or self._things.all[pod]["spec"]["up"] != (fits, self.image):
                self._things.put(pod, _pod(key[3], fits=fits, image=self.image))
        status: dict[str, Any] = {"replicas": made, "readyReplicas": ready}
        if key[1] != "leaderworkersets":  # its status has no such field
            status["observedGeneration"] = thing["metadata"]["generation"]
        failing = {
            "type": "ReplicaFailure",
            "status": "True",
            "reason": "FailedCreate",
            "message": "exceeded quota: gpu",
        }
        status["conditions"] = [failing] if made < wanted else []
        self._things.merge(key, {"status": status})


def _pod(app: str, *, fits: bool, image: bool) -> Thing:
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    scheduled: Thing = {"type": "PodScheduled", "status": "True", "lastTransitionTime": since}
    if not fits:
        scheduled |= {
            "status": "False",
            "reason": "Unschedulable",
            "message": "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.",
        }
    state: Thing = {"running": {}}
    if not image:
        message = 'Back-off pulling image "llm:2"'
        state = {"waiting": {"reason": "ImagePullBackOff", "message": message}}
    containers = [{"name": "llm", "ready": image, "state": state}] if fits else []
    return {
        "metadata": {"labels": {"app": app}},
        "spec": {"up": (fits, image)},
        "status": {"conditions": [scheduled], "containerStatuses": containers},
    }
