from typing import Any

from runbooks.steps import ErrorType
from tests.activities.calls import EPOCH, perform, refused
from tests.azure.fakes.automation import Automation
from tests.azure.world import AzureWorld
from tests.conformance.specimens.azure_runs import ACCOUNT

USES = "run.azure_automation"
WITHIN = 20.0


def stood(azure: AzureWorld, **more: Any) -> tuple[dict[str, Any], Automation]:
    """The settings for a published runbook, and the fake."""
    azure.put(ACCOUNT, "evac-runs")
    azure.put(f"{ACCOUNT}/runbooks", "evac-runs", "drain", properties={"state": "Published"})
    settings = azure.settings(account="evac-runs", automation_runbook="drain", **more)
    return settings, azure.arm.provider(Automation)


async def test_it_is_followed_to_its_end(azure: AzureWorld) -> None:
    """What it has written is in the evidence; its name says whose it is."""
    settings, fake = stood(azure, parameters={"group": "llm"}, run_on="workers")
    result = await perform(USES, settings, within=WITHIN)
    assert result.reason == "The Automation runbook ran, and ended well."
    assert result.after["execution"]["output"] == "all drained"  # type: ignore[call-overload, index]
    (job,) = fake.jobs(azure.arm)
    assert (job["properties"]["parameters"], job["properties"]["runOn"]) == ({"group": "llm"}, "workers")
    assert int(job["name"].replace("-", "")[18:29], 16) == EPOCH


async def test_a_failure_is_told_and_final(azure: AzureWorld) -> None:
    """Attempts of the same scheduling make no second job."""
    settings, fake = stood(azure)
    fake.ends = {"status": "Failed", "exception": "no such group."}
    for _ in range(2):
        sentence = await refused(USES, settings, ErrorType.WRONG_STATE, within=WITHIN)
        assert sentence == "The Automation runbook ended as Failed: no such group."
    assert len(fake.jobs(azure.arm)) == 1


async def test_what_may_be_repeated_is_made_again(azure: AzureWorld) -> None:
    """A failure is then no end; each attempt has a name of its own."""
    settings, fake = stood(azure, repeatable=True)
    fake.ends = {"status": "Failed", "exception": "no"}
    await refused(USES, settings, ErrorType.NOT_YET, within=WITHIN)
    fake.ends = {"status": "Completed"}
    assert (await perform(USES, settings, within=WITHIN)).changed is True
    assert len({job["name"] for job in fake.jobs(azure.arm)}) == 2


async def test_another_step_of_the_run_has_a_job_of_its_own(azure: AzureWorld) -> None:
    """Although it runs the same."""
    settings, fake = stood(azure)
    await perform(USES, settings, within=WITHIN)
    assert (await perform(USES, settings, within=WITHIN, step="step-2")).changed is True
    assert len(fake.jobs(azure.arm)) == 2


async def test_a_suspended_job_waits_for_a_person(azure: AzureWorld) -> None:
    """It could be resumed, so no second one is made."""
    settings, fake = stood(azure)
    fake.ends = {"status": "Suspended"}
    sentence = await refused(USES, settings, ErrorType.NOT_YET, within=3.0)
    assert "is Suspended (it goes on only when somebody resumes or stops it in Azure)" in sentence
    assert len(fake.jobs(azure.arm)) == 1


async def test_jobs_of_others_are_none_of_its(azure: AzureWorld) -> None:
    """Whatever their names are."""
    settings, fake = stood(azure)
    for name in ("nightly", "00000000-0000-0000-0000-000000000000"):
        azure.put(f"{ACCOUNT}/jobs", "evac-runs", name, properties={"status": "Running", "runbook": {"name": "drain"}})
    await perform(USES, settings, within=WITHIN)
    assert len(fake.jobs(azure.arm)) == 3
