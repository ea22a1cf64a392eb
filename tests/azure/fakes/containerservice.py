"""Agent pools of Azure Kubernetes Service: https://learn.microsoft.com/rest/api/aks/agent-pools."""

from typing import Any

from tests.azure.arm import Answer, Arm, Asked, Body, Provider, Refusal, Serve

_READ_ONLY = ("eTag", "provisioningState", "status", "currentOrchestratorVersion")
_KNOWN = frozenset(
    {
        "availabilityZones",
        "count",
        "enableAutoScaling",
        "maxCount",
        "minCount",
        "mode",
        "nodeLabels",
        "nodeTaints",
        "osType",
        "powerState",
        "scaleSetEvictionPolicy",
        "scaleSetPriority",
        "spotMaxPrice",
        "tags",
        "type",
        "vmSize",
        *_READ_ONLY,
    }
)
_FIXED = ("vmSize", "mode", "osType", "type", "scaleSetPriority")
_FULL = (
    'Error: VMSSAgentPoolReconciler retry failed: Code="AllocationFailed" Message="Allocation failed. We do not have '
    'sufficient capacity for the requested VM size in this region."'
)


class ContainerService(Provider):
    """Machines come when the operation that orders them ends: as many as there is `room` for, if a pool says so."""

    namespace = "Microsoft.ContainerService"
    versions = frozenset({"2026-08-01"})

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Clusters to look at; pools."""
        return {
            ("GET", "managedClusters/*"): lambda arm, asked: Answer(200, arm.must(asked)),
            ("GET", "managedClusters/*/agentPools/*"): self._get,
            ("PUT", "managedClusters/*/agentPools/*"): self._put,
            ("GET", "managedClusters/*/agentPools/*/machines"): self._machines,
        }

    @staticmethod
    def _get(arm: Arm, asked: Asked) -> Answer:
        return Answer(200, _shown(arm.must(asked)))

    @staticmethod
    def _put(arm: Arm, asked: Asked) -> Answer:
        found = arm.must(asked)
        cluster = arm.must(asked, asked.path.rpartition("/agentPools/")[0])
        arm.matched(asked, found)
        if (cluster["properties"].get("powerState") or {}).get("code") == "Stopped":
            raise Refusal(
                409, "OperationNotAllowed", "Managed cluster is in stopped state, agent pool cannot be changed."
            )
        if arm.busy(asked.path) is not None:
            message = "Operation is not allowed: Another agentpool operation (Scaling) is in progress, please wait."
            raise Refusal(409, "OperationNotAllowed", message)
        wanted = _judged(found["properties"], asked.body)
        found.setdefault("machines", found["properties"]["count"])
        failed = {"provisioningState": "Scaling", "currentOrchestratorVersion": "1.34.2"}
        found["properties"] = {**wanted, **failed}
        arm.touch(found)
        stopped = wanted.get("powerState", {}).get("code") == "Stopped"
        count, room = 0 if stopped else wanted["count"], found.get("room", wanted["count"])

        def finish() -> None:
            found["properties"]["provisioningState"] = "Succeeded"
            found["machines"] = count
            arm.touch(found)

        def fall_back() -> None:
            found["properties"]["provisioningState"] = "Failed"
            arm.touch(found)

        if count > room:
            found["machines"] = max(room, found["machines"])
            arm.fail_next(asked.path, "ReconcileVMSSAgentPoolFailed", _FULL)
        return arm.begin(asked, asked.path, finish, status=200, fall_back=fall_back)

    @staticmethod
    def _machines(arm: Arm, asked: Asked) -> Answer:
        path = asked.path.rpartition("/")[0]
        found = arm.must(asked, path)
        names = [f"aks-{found['name']}-vmss00000{number}" for number in range(_running(found))]
        return Answer(
            200, {"value": [{"id": f"{path}/machines/{name}", "name": name, "properties": {}} for name in names]}
        )


def _shown(pool: Body) -> Body:
    """As the service words it: the ETag is one of its properties."""
    properties = {**pool["properties"], "eTag": pool["etag"]}
    if pool["properties"]["provisioningState"] == "Failed":
        properties["status"] = {"provisioningError": pool["failure"]}
    return {**{key: value for key, value in pool.items() if key != "etag"}, "properties": properties}


def _running(pool: Body) -> int:
    stopped = (pool["properties"].get("powerState") or {}).get("code") == "Stopped"
    return 0 if stopped else int(pool.get("machines", pool["properties"]["count"]))


def _judged(was: Body, body: Body) -> dict[str, Any]:
    """The properties that it is to have: what is left out is left out. Raises Refusal."""
    given: dict[str, Any] = body.get("properties", {})
    unknown = {*body, *given} - _KNOWN - {"properties"}
    if unknown:
        raise Refusal(400, "BadRequest", f"Could not find member '{min(unknown)}' on object of type 'AgentPool'.")
    for key in _FIXED:
        if given.get(key) != was.get(key):
            raise Refusal(400, "PropertyChangeNotAllowed", f"Changing property 'properties.{key}' is not allowed.")
    least = 1 if given.get("mode") == "System" else 0
    if not isinstance(given.get("count"), int) or given["count"] < least:
        raise Refusal(400, "InvalidParameter", "The value of parameter agentPoolProfile.count is invalid.")
    if given.get("enableAutoScaling") and not given["minCount"] <= given["count"] <= given["maxCount"]:
        message = "The value of parameter count is invalid: it is not between minCount and maxCount."
        raise Refusal(400, "InvalidParameter", message)
    if not given.get("enableAutoScaling") and {"minCount", "maxCount"} & {key for key, value in given.items() if value}:
        raise Refusal(400, "InvalidParameter", "minCount and maxCount are for pools with the autoscaler.")
    return {key: value for key, value in given.items() if key not in _READ_ONLY}
