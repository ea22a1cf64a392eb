"""A recovery plan of Site Recovery on the tests' Azure: two machines that run here, and are replicated there."""

from typing import Any

from tests.azure.arm import Body
from tests.azure.fakes.recoveryservices import NO_SCENARIO, machines
from tests.azure.world import HERE, THERE, AzureWorld

VAULT = "Microsoft.RecoveryServices/vaults"
_FABRICS = {HERE: "asr-here", THERE: "asr-there"}


def stand_plan(azure: AzureWorld, name: str, *, region: str = THERE) -> None:
    """The plan in a vault of that region, with its fabrics and machines."""
    vault = azure.id_of(VAULT, name, region=THERE)
    azure.put(VAULT, name, region=THERE, tags={"team": "llm"}, location=region)
    for place, fabric in _FABRICS.items():
        details = {"instanceType": "Azure", "location": place}
        azure.arm.put(f"{vault}/replicationFabrics/{fabric}", {"properties": {"customDetails": details}})
    items = [_stand_machine(azure, vault, machine) for machine in ("gpu-1", "gpu-2")]
    groups = [
        {"groupType": "Shutdown", "replicationProtectedItems": []},
        {"groupType": "Boot", "replicationProtectedItems": [{"id": one["id"]} for one in items]},
    ]
    properties = {
        "friendlyName": name,
        "primaryFabricId": f"{vault}/replicationFabrics/{_FABRICS[HERE]}",
        "recoveryFabricId": f"{vault}/replicationFabrics/{_FABRICS[THERE]}",
        "failoverDeploymentModel": "ResourceManager",
        "replicationProviders": ["A2A"],
        "allowedOperations": ["UnplannedFailover", "TestFailover"],
        "currentScenario": {**NO_SCENARIO, "jobId": f"{vault}/replicationJobs/None"},
        "currentScenarioStatus": "",
        "groups": groups,
    }
    azure.arm.put(f"{vault}/replicationRecoveryPlans/{name}", {"properties": properties})


def _stand_machine(azure: AzureWorld, vault: str, name: str) -> Body:
    details = {
        "instanceType": "A2A",
        "initialPrimaryFabricLocation": HERE,
        "primaryFabricLocation": HERE,
        "recoveryFabricLocation": THERE,
        "rpoInSeconds": 42,
    }
    properties = {
        "friendlyName": name,
        "activeLocation": "Primary",
        "replicationHealth": "Normal",
        "healthErrors": [],
        "testFailoverState": "None",
        "providerSpecificDetails": details,
    }
    where = f"replicationFabrics/{_FABRICS[HERE]}/replicationProtectionContainers/all/replicationProtectedItems"
    return azure.arm.put(f"{vault}/{where}/{name}", {"properties": properties})


def plan_settings(azure: AzureWorld, name: str, **more: Any) -> dict[str, Any]:
    """Settings of a step that leads there."""
    return azure.settings(THERE, vault=name, recovery_plan=name, **more)


def plan_of(azure: AzureWorld, name: str) -> Body:
    """As the fake has it."""
    return azure.arm.resource(f"{azure.id_of(VAULT, name, region=THERE)}/replicationRecoveryPlans/{name}")


def jobs_of(azure: AzureWorld) -> list[str]:
    """The scenario of each job that was ever begun."""
    with azure.arm.lock:
        found = [one for path, one in azure.arm.resources.items() if "/replicationjobs/" in path]
    return [one["properties"]["scenarioName"] for one in found]


def sides_of(azure: AzureWorld, name: str) -> dict[str, str]:
    """On which side each machine runs."""
    found = machines(azure.arm, plan_of(azure, name))
    return {one["properties"]["friendlyName"]: one["properties"]["activeLocation"] for one in found}
