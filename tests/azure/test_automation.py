"""The fake of Azure Automation takes what Azure would, and nothing else."""

import uuid
from typing import Any

import pytest

from tests.azure.asking import ask, refused
from tests.azure.world import AzureWorld

VERSION, ACCOUNT = "2024-10-23", "Microsoft.Automation/automationAccounts"
GOOD = {"properties": {"runbook": {"name": "drain"}}}


@pytest.fixture
def job(azure: AzureWorld) -> str:
    """Where a job would be."""
    azure.put(ACCOUNT, "runs")
    azure.put(f"{ACCOUNT}/runbooks", "runs", "drain", properties={"state": "Published"})
    return azure.id_of(f"{ACCOUNT}/jobs", "runs", str(uuid.uuid4()))


def test_a_job_of_a_name_is_made_once(azure: AzureWorld, job: str) -> None:
    """And goes on by being looked at."""
    assert ask(azure, "PUT", job, VERSION, GOOD).status == 201
    assert refused(azure, "PUT", job, VERSION, GOOD) == 409
    seen = [(ask(azure, "GET", job, VERSION).body or {})["properties"]["status"] for _ in range(2)]
    assert seen == ["New", "Completed"]
    assert ask(azure, "GET", f"{job}/output", VERSION).text == "all drained"


def test_jobs_are_listed_by_their_runbook(azure: AzureWorld, job: str) -> None:
    """And by nothing else that it knows."""
    ask(azure, "PUT", job, VERSION, GOOD)
    jobs = job.rpartition("/")[0]
    for name, number in (("drain", 1), ("fill", 0)):
        answer = ask(azure, "GET", f"{jobs}?$filter=properties/runbook/name eq '{name}'", VERSION).body or {}
        assert len(answer["value"]) == number
    assert refused(azure, "GET", jobs, VERSION) == 501


@pytest.mark.parametrize(
    "properties",
    [{"runbook": {"name": "drain"}, "parameters": {"n": 1}}, {"runbook": {"name": "drain"}, "tags": {}}],
)
def test_a_job_that_is_none_is_refused(azure: AzureWorld, job: str, properties: dict[str, Any]) -> None:
    """Parameters are texts; a job has no tags."""
    assert refused(azure, "PUT", job, VERSION, {"properties": properties}) == 400


def test_a_runbook_that_was_never_published_cannot_run(azure: AzureWorld, job: str) -> None:
    """There is but a draft."""
    azure.put(f"{ACCOUNT}/runbooks", "runs", "drain", properties={"state": "New"})
    assert refused(azure, "PUT", job, VERSION, GOOD) == 400
