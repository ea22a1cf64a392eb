"""Recovery plans of Azure Site Recovery: https://learn.microsoft.com/rest/api/site-recovery/replication-recovery-plans.

What plans, machines and jobs show is from the examples of the service's own specification. Which operation follows
which is from https://learn.microsoft.com/azure/site-recovery/azure-to-azure-tutorial-failover-failback and the pages
beside it. The codes of refusals are not documented: they are of the service's usual kind.
"""

import uuid
from datetime import UTC, datetime

from tests.azure.arm import Answer, Arm, Asked, Body, Provider, Refusal, Serve

_PLAN = "vaults/*/replicationRecoveryPlans/*"
_READY = ["UnplannedFailover", "TestFailover"]
_WAYS = {"PrimaryToRecovery": "Recovery", "RecoveryToPrimary": "Primary"}
_POINTS = {"Latest", "LatestProcessed", "LatestApplicationConsistent", "LatestCrashConsistent"}
NO_SCENARIO = {"scenarioName": "None", "startTime": "1753-01-01T01:01:01Z"}


class RecoveryServices(Provider):
    """A plan has one job at a time, and takes only what it allows; a job goes on by its operation, or by looks."""

    namespace = "Microsoft.RecoveryServices"
    versions = frozenset({"2025-08-01"})

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Every machine moves."""
        self.stuck: dict[str, str] = {}
        """Machines that do not move, and why."""
        self.forgets = False
        """A plan that has ended something shows no scenario any more."""
        self.suspended: str | None = None
        """What the next jobs wait for a person for."""

    def routes(self) -> dict[tuple[str, str], Serve]:
        """Vaults, plans and what is asked of them, machines, fabrics, jobs, operations."""
        return {
            ("GET", "vaults/*"): lambda arm, asked: Answer(200, arm.must(asked)),
            ("GET", _PLAN): lambda arm, asked: Answer(200, arm.must(asked)),
            ("GET", "vaults/*/replicationFabrics/*"): lambda arm, asked: Answer(200, arm.must(asked)),
            ("GET", "vaults/*/replicationProtectedItems"): _items,
            ("GET", "vaults/*/replicationJobs"): _jobs,
            ("GET", "vaults/*/replicationJobs/*"): lambda arm, asked: Answer(200, arm.must(asked)),
            ("GET", "vaults/*/replicationOperationStatus/*"): lambda arm, asked: arm.operation(asked, results=False),
            ("GET", f"{_PLAN}/operationresults/*"): lambda arm, asked: arm.operation(asked, results=True),
            ("POST", f"{_PLAN}/unplannedFailover"): self._failover,
            ("POST", f"{_PLAN}/plannedFailover"): self._failover,
            ("POST", f"{_PLAN}/testFailover"): self._test,
            ("POST", f"{_PLAN}/testFailoverCleanup"): self._clean_up,
            ("POST", f"{_PLAN}/failoverCommit"): self._commit,
        }

    def _failover(self, arm: Arm, asked: Asked) -> Answer:
        planned = asked.tail == "plannedFailover"
        plan, properties = _claimed(arm, asked, "PlannedFailover" if planned else "UnplannedFailover")
        wanted = {"failoverDirection", "providerSpecificDetails"} | (set() if planned else {"sourceSiteOperations"})
        way = _direction(plan, properties, wanted)
        if not planned and properties["sourceSiteOperations"] not in {"Required", "NotRequired"}:
            raise Refusal(400, "InvalidParameter", "sourceSiteOperations is invalid.")

        def finish() -> None:
            for item in machines(arm, plan):
                if item["properties"]["friendlyName"] not in self.stuck:
                    _move(item, way)
            plan["properties"]["allowedOperations"] = ["Commit"]

        return self._begun(arm, asked, plan, "PlannedFailover" if planned else "UnplannedFailover", finish)

    def _test(self, arm: Arm, asked: Asked) -> Answer:
        plan, properties = _claimed(arm, asked, "TestFailover")
        wanted = {"failoverDirection", "providerSpecificDetails", "networkType", "networkId"}
        _direction(plan, properties, wanted)

        def finish() -> None:
            for item in machines(arm, plan):
                item["properties"]["testFailoverState"] = "WaitingForCompletion"
            plan["properties"]["allowedOperations"] = ["TestFailoverCleanup"]

        return self._begun(arm, asked, plan, "TestFailover", finish)

    def _clean_up(self, arm: Arm, asked: Asked) -> Answer:
        plan, properties = _claimed(arm, asked, "TestFailoverCleanup")
        if set(properties) - {"comments"}:
            raise Refusal(400, "InvalidParameter", "A cleanup takes comments.")

        def finish() -> None:
            for item in machines(arm, plan):
                item["properties"]["testFailoverState"] = "None"
            plan["properties"]["allowedOperations"] = list(_READY)

        return self._begun(arm, asked, plan, "TestFailoverCleanup", finish)

    def _commit(self, arm: Arm, asked: Asked) -> Answer:
        plan, properties = _claimed(arm, asked, "Commit")
        if properties:
            raise Refusal(400, "InvalidParameter", "A commit takes nothing.")

        def finish() -> None:
            plan["properties"]["allowedOperations"] = ["ReverseReplicate"]

        return self._begun(arm, asked, plan, "Commit", finish)

    def _begun(self, arm: Arm, asked: Asked, plan: Body, scenario: str, finish: object) -> Answer:
        vault = plan["id"].partition("/replicationRecoveryPlans/")[0]
        job = _new_job(arm, vault, plan, scenario)
        before = list(plan["properties"]["allowedOperations"])
        shown = plan["properties"]
        shown["allowedOperations"] = []
        now = {"scenarioName": scenario, "jobId": job["id"], "startTime": job["properties"]["startTime"]}
        shown.update(currentScenario=now, currentScenarioStatus="InProgress")
        stuck = dict(self.stuck) if scenario.endswith("nnedFailover") else {}

        def ended(state: str) -> None:
            job["properties"].update(state=state, stateDescription=state, endTime=_now())
            shown["currentScenarioStatus"] = state
            if self.forgets:
                shown["currentScenario"] = {**NO_SCENARIO, "jobId": f"{vault}/replicationJobs/None"}

        def well() -> None:
            assert callable(finish)
            finish()
            job["properties"]["tasks"] = [_task(arm, plan, stuck)]
            ended("Failed" if stuck else "Succeeded")

        def badly() -> None:
            shown["allowedOperations"] = before
            job["properties"]["errors"] = [{"serviceErrorDetails": plan["failure"]}]
            ended("Failed")

        answer = arm.begin(asked, plan["id"], well, fall_back=badly)
        name = list(arm.operations.values())[-1].name
        at = {
            "Azure-AsyncOperation": f"{vault}/replicationOperationStatus/{name}",
            "Location": f"{plan['id']}/operationresults/{name}",
        }
        urls = {key: f"{arm.url}{path}?api-version={asked.version}" for key, path in at.items()}
        if self.suspended is not None:
            job["properties"].update(state="Suspended", stateDescription=self.suspended)
            shown["currentScenarioStatus"] = "Suspended"
        return Answer(202, None, {**answer.headers, **urls})


def machines(arm: Arm, plan: Body) -> list[Body]:
    """The protected items of a plan."""
    ids = [one["id"].lower() for group in plan["properties"]["groups"] for one in group["replicationProtectedItems"]]
    return [arm.resources[id_] for id_ in ids]


def reprotect(arm: Arm, plan: Body) -> None:
    """Somebody has its machines replicated the other way round: the sides of each change, and not those of the plan."""
    for item in machines(arm, plan):
        details = item["properties"]["providerSpecificDetails"]
        there, back = details["recoveryFabricLocation"], details["primaryFabricLocation"]
        details.update(primaryFabricLocation=there, recoveryFabricLocation=back)
        item["properties"]["activeLocation"] = "Primary"
    plan["properties"]["allowedOperations"] = list(_READY)


def _claimed(arm: Arm, asked: Asked, wanted: str) -> tuple[Body, Body]:
    """The plan, which allows it now, and what is asked. Raises Refusal."""
    plan = arm.must(asked, asked.path.rpartition("/")[0])
    if set(asked.body) - {"properties"}:
        raise Refusal(400, "InvalidParameter", "The body has members that no request has.")
    if wanted not in plan["properties"]["allowedOperations"]:
        message = f"The operation {wanted} is not allowed on the recovery plan {plan['name']} in its current state."
        raise Refusal(409, "OperationNotAllowedOnRecoveryPlan", message)
    return plan, asked.body.get("properties", {})


def _direction(plan: Body, properties: Body, wanted: set[str]) -> str:
    """Where its machines will run: `Recovery` or `Primary`. Raises Refusal."""
    if set(properties) != wanted:
        raise Refusal(400, "InvalidParameter", f"These are wanted: {sorted(wanted)}.")
    if properties["failoverDirection"] not in _WAYS:
        raise Refusal(400, "InvalidParameter", "failoverDirection is invalid.")
    given = [(one["instanceType"], one["recoveryPointType"]) for one in properties["providerSpecificDetails"]]
    if [one for one, _ in given] != plan["properties"]["replicationProviders"] or {two for _, two in given} - _POINTS:
        raise Refusal(400, "InvalidParameter", "providerSpecificDetails is not of the plan's providers.")
    return _WAYS[properties["failoverDirection"]]


def _move(item: Body, way: str) -> None:
    """To that side of the plan; a machine that was reprotected has its own sides the other way round."""
    properties, details = item["properties"], item["properties"]["providerSpecificDetails"]
    turned = details["primaryFabricLocation"] != details["initialPrimaryFabricLocation"]
    properties["activeLocation"] = "Recovery" if (way == "Recovery") != turned else "Primary"


def _new_job(arm: Arm, vault: str, plan: Body, scenario: str) -> Body:
    properties = {
        "scenarioName": scenario,
        "state": "InProgress",
        "stateDescription": "InProgress",
        "startTime": _now(),
        "tasks": [],
        "errors": [],
        "targetObjectId": str(uuid.uuid4()),
        "targetObjectName": plan["name"],
        "targetInstanceType": "RecoveryPlan",
    }
    return arm.put(f"{vault}/replicationJobs/{uuid.uuid4()}", {"properties": properties})


def _task(arm: Arm, plan: Body, stuck: dict[str, str]) -> Body:
    """One group of the plan, with a task for each machine."""
    inner = [_machine_task(item["properties"]["friendlyName"], stuck) for item in machines(arm, plan)]
    details = {"instanceType": "RecoveryPlanGroupTaskDetails", "name": "Group 1", "childTasks": inner}
    state = "Failed" if stuck else "Succeeded"
    return {"name": "RecoveryPlanGroup", "friendlyName": "Group 1", "state": state, "groupTaskCustomDetails": details}


def _machine_task(name: str, stuck: dict[str, str]) -> Body:
    details = {"instanceType": "VirtualMachineTaskDetails", "jobTask": {"targetObjectName": name}}
    task: Body = {"name": "Failover", "friendlyName": "Failover", "customDetails": details, "errors": []}
    if name not in stuck:
        return {**task, "state": "Succeeded"}
    return {**task, "state": "Failed", "errors": [{"serviceErrorDetails": {"code": "539", "message": stuck[name]}}]}


def _items(arm: Arm, asked: Asked) -> Answer:
    arm.must(asked, asked.path.rpartition("/")[0])
    return Answer(200, {"value": _under(arm, asked, "/replicationprotecteditems/")})


def _jobs(arm: Arm, asked: Asked) -> Answer:
    arm.must(asked, asked.path.rpartition("/")[0])
    if "$filter" in asked.query:
        raise Refusal(501, "NotInTheFake", f"jobs by {asked.query}")
    return Answer(200, {"value": _under(arm, asked, "/replicationjobs/")})


def _under(arm: Arm, asked: Asked, kind: str) -> list[Body]:
    vault = asked.path.rpartition("/")[0].lower()
    return [one for path, one in arm.resources.items() if path.startswith(f"{vault}/") and kind in path]


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
