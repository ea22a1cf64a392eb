"""The fake of Site Recovery takes what a plan allows, and nothing else."""

from typing import Any

import pytest

from tests.azure.asking import ask, refused
from tests.azure.fakes.recoveryservices import RecoveryServices
from tests.azure.recovery import VAULT, jobs_of, plan_of, sides_of, stand_plan
from tests.azure.world import THERE, AzureWorld

VERSION = "2025-08-01"
POINT = {"instanceType": "A2A", "recoveryPointType": "Latest"}
GOOD = {
    "failoverDirection": "PrimaryToRecovery",
    "providerSpecificDetails": [POINT],
    "sourceSiteOperations": "Required",
}


@pytest.fixture
def plan(azure: AzureWorld) -> str:
    """Where it is."""
    stand_plan(azure, "llm")
    return str(plan_of(azure, "llm")["id"])


def ended(azure: AzureWorld) -> None:
    """Whatever goes on comes to its end."""
    for operation in azure.arm.operations.values():
        while not operation.over:
            operation.look()


def test_a_plan_has_one_job_at_a_time(azure: AzureWorld, plan: str) -> None:
    """Then its machines run on the other side, and all that it allows is to commit that."""
    answer = ask(azure, "POST", f"{plan}/unplannedFailover", VERSION, {"properties": GOOD})
    assert (answer.status, set(answer.headers) >= {"Azure-AsyncOperation", "Location"}) == (202, True)
    assert refused(azure, "POST", f"{plan}/unplannedFailover", VERSION, {"properties": GOOD}) == 409
    ended(azure)
    shown = (ask(azure, "GET", plan, VERSION).body or {})["properties"]
    assert (shown["allowedOperations"], shown["currentScenarioStatus"]) == (["Commit"], "Succeeded")
    assert set(sides_of(azure, "llm").values()) == {"Recovery"}
    job = shown["currentScenario"]["jobId"]
    assert (ask(azure, "GET", job, VERSION).body or {})["properties"]["state"] == "Succeeded"


def test_what_a_plan_does_not_allow_is_refused(azure: AzureWorld, plan: str) -> None:
    """A commit before a failover, a cleanup before a test."""
    for action in ("failoverCommit", "testFailoverCleanup", "plannedFailover"):
        assert refused(azure, "POST", f"{plan}/{action}", VERSION, {}) == 409
    assert refused(azure, "POST", f"{plan}/reProtect", VERSION, {}) == 501
    assert jobs_of(azure) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"failoverDirection": "Sideways"},
        {"sourceSiteOperations": "Perhaps"},
        {"providerSpecificDetails": [{**POINT, "instanceType": "InMage"}]},
        {"providerSpecificDetails": [{**POINT, "recoveryPointType": "Oldest"}]},
        {"surprise": 1},
    ],
)
def test_a_request_that_is_none_is_refused(azure: AzureWorld, plan: str, wrong: dict[str, Any]) -> None:
    """Each member is looked at."""
    assert refused(azure, "POST", f"{plan}/unplannedFailover", VERSION, {"properties": {**GOOD, **wrong}}) == 400


def test_versions_and_filters_that_it_does_not_know(azure: AzureWorld, plan: str) -> None:
    """Nothing is guessed."""
    vault = plan.partition("/replicationRecoveryPlans/")[0]
    assert refused(azure, "GET", plan, "2016-08-10") == 400
    assert refused(azure, "GET", f"{vault}/replicationJobs?$filter=x", VERSION) == 501


def test_a_machine_that_does_not_move_fails_the_job(azure: AzureWorld, plan: str) -> None:
    """The others have moved; the job's tasks name it."""
    azure.arm.provider(RecoveryServices).stuck = {"gpu-2": "no capacity"}
    ask(azure, "POST", f"{plan}/unplannedFailover", VERSION, {"properties": GOOD})
    ended(azure)
    assert sides_of(azure, "llm") == {"gpu-1": "Recovery", "gpu-2": "Primary"}
    vault = azure.id_of(VAULT, "llm", region=THERE)
    (job,) = (ask(azure, "GET", f"{vault}/replicationJobs", VERSION).body or {})["value"]
    assert job["properties"]["state"] == "Failed"
    inner = job["properties"]["tasks"][0]["groupTaskCustomDetails"]["childTasks"]
    assert [one["state"] for one in inner] == ["Succeeded", "Failed"]


def test_tags_of_a_vault_are_merged(azure: AzureWorld, plan: str) -> None:
    """What is there stays; a value has its limit."""
    vault = plan.partition("/replicationRecoveryPlans/")[0]
    where, merge = f"{vault}/providers/Microsoft.Resources/tags/default", {"operation": "Merge"}
    ask(azure, "PATCH", where, "2025-04-01", {**merge, "properties": {"tags": {"new": "1"}}})
    assert azure.arm.resource(vault)["tags"] == {"team": "llm", "new": "1"}
    assert refused(azure, "PATCH", where, "2025-04-01", {**merge, "properties": {"tags": {"n": "x" * 257}}}) == 400
    assert refused(azure, "PATCH", where, "2025-04-01", {"operation": "Replace", "properties": {"tags": {}}}) == 501
