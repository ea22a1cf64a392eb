from pathlib import Path
from typing import Any

import pytest

from activities.clients.azure_site_recovery import Note
from runbooks.steps import ErrorType
from tests.activities.calls import EPOCH, perform, refused
from tests.azure.arm import Body
from tests.azure.attempt import Attempt
from tests.azure.fakes.recoveryservices import RecoveryServices, machines, reprotect
from tests.azure.recovery import VAULT, jobs_of, plan_of, plan_settings, sides_of, stand_plan
from tests.azure.world import HERE, SUBSCRIPTION, THERE, AzureWorld

USES = "run.site_recovery"
WITHIN = 20.0
NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/test/providers/Microsoft.Network/virtualNetworks/apart"
_PLANS = "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans"
_FAILOVER = f"{_PLANS}/unplannedFailover/action"


def stood(azure: AzureWorld, **more: Any) -> tuple[dict[str, Any], RecoveryServices]:
    """The settings for a plan whose two machines run here, and the fake."""
    stand_plan(azure, "llm")
    return plan_settings(azure, "llm", **more), azure.arm.provider(RecoveryServices)


def properties(azure: AzureWorld) -> Body:
    """What the plan shows."""
    found: Body = plan_of(azure, "llm")["properties"]
    return found


def tag(azure: AzureWorld) -> str:
    """What is noted of it on the vault."""
    return str(azure.arm.resource(azure.id_of(VAULT, "llm", region=THERE))["tags"]["evac-llm"])


def posted(azure: AzureWorld) -> list[str]:
    """What was asked of the plan that changes something, but for the note."""
    return [one for one in azure.asked(changes=True) if one.startswith("Microsoft.RecoveryServices/")]


async def test_machines_are_failed_over_once(azure: AzureWorld) -> None:
    """The note keeps the decision beside the vault's own tags; the failover is then committed, and that once, too."""
    settings, _ = stood(azure)
    result = await perform(USES, settings, within=WITHIN)
    assert result.reason == "The recovery plan ran, and ended well."
    assert set(sides_of(azure, "llm").values()) == {"Recovery"}
    note = Note.read(tag(azure))
    assert note is not None
    assert (note.epoch, note.after) == (EPOCH, "None")
    assert azure.arm.resource(azure.id_of(VAULT, "llm", region=THERE))["tags"]["team"] == "llm"
    commit = {**settings, "action": "commit"}
    assert (await perform(USES, commit, within=WITHIN, step="step-2")).changed is True
    again = await perform(USES, commit, within=WITHIN, step="step-3")
    assert (again.changed, again.reason) == (False, "The failover of the plan llm is committed already.")
    assert jobs_of(azure) == ["UnplannedFailover", "Commit"]


async def test_what_somebody_has_done_already_is_not_done_again(azure: AzureWorld) -> None:
    """Another run's step finds all machines where it leads."""
    settings, _ = stood(azure)
    await perform(USES, settings, within=WITHIN)
    result = await perform(USES, settings, within=WITHIN, step="step-2", epoch=EPOCH + 1)
    assert result.reason == "Every machine of the plan llm runs in westeurope already."
    assert jobs_of(azure) == ["UnplannedFailover"]


async def test_the_way_home_is_the_other_direction(azure: AzureWorld) -> None:
    """It is found by the regions of the plan's sides, though its machines have theirs the other way round by then."""
    settings, _ = stood(azure)
    await perform(USES, settings, within=WITHIN)
    reprotect(azure.arm, plan_of(azure, "llm"))
    await perform(USES, {**settings, "azure_region": HERE}, within=WITHIN, step="step-2")
    places = {
        one["properties"]["providerSpecificDetails"]["recoveryFabricLocation"]
        for one in machines(azure.arm, plan_of(azure, "llm"))
        if one["properties"]["activeLocation"] == "Recovery"
    }
    assert places == {HERE}


async def test_a_test_failover_and_its_cleanup(azure: AzureWorld) -> None:
    """In a network of its own; nothing of what runs is moved. While it is up, no other one is begun."""
    settings, _ = stood(azure, action="test_failover", test_network=NETWORK)
    assert (await perform(USES, settings, within=WITHIN)).changed is True
    sentence = await refused(USES, settings, ErrorType.WRONG_STATE, within=WITHIN, step="step-2")
    assert sentence == "Site Recovery allows no TestFailover of the plan llm now, but TestFailoverCleanup: look at it."
    clean = plan_settings(azure, "llm", action="test_failover_cleanup")
    assert (await perform(USES, clean, within=WITHIN, step="step-3")).changed is True
    again = await perform(USES, clean, within=WITHIN, step="step-4")
    assert again.reason == "No test failover of the plan llm is up."
    assert set(sides_of(azure, "llm").values()) == {"Primary"}
    assert jobs_of(azure) == ["TestFailover", "TestFailoverCleanup"]


async def test_a_test_failover_that_waits_for_its_cleanup_has_ended_well(azure: AzureWorld) -> None:
    """So the older kinds of replication show it: the job itself is suspended."""
    settings, fake = stood(azure, action="test_failover", test_network=NETWORK)
    fake.suspended, azure.arm.looks = "WaitingForStopTestFailover", 10**9
    first = await _until_posted(azure, settings)
    assert first
    properties(azure)["allowedOperations"] = ["TestFailoverCleanup"]
    assert (await perform(USES, settings, within=WITHIN)).changed is False
    assert jobs_of(azure) == ["TestFailover"]


async def _until_posted(azure: AzureWorld, settings: dict[str, Any]) -> list[str]:
    """A worker has begun it, and died."""
    attempt = Attempt(USES, settings)
    await attempt.killed_when(lambda: bool(posted(azure)) and bool(jobs_of(azure)), Path("nowhere"))
    return posted(azure)


async def test_the_machines_that_failed_are_named(azure: AzureWorld) -> None:
    """With what Site Recovery says of each; attempts of the same scheduling begin no second job."""
    settings, fake = stood(azure)
    fake.stuck = {"gpu-2": "There is no capacity for Standard_ND96."}
    for _ in range(2):
        sentence = await refused(USES, settings, ErrorType.WRONG_STATE, within=WITHIN)
        assert sentence == (
            "The recovery plan ended as Failed: gpu-2: There is no capacity for Standard_ND96; "
            "1 of 2 run in westeurope, and not gpu-2."
        )
    assert len(jobs_of(azure)) == 1


async def test_a_job_that_fails_before_its_tasks_says_why(azure: AzureWorld) -> None:
    """The plan is as before, and what is repeatable is tried again."""
    settings, _ = stood(azure, repeatable=True)
    azure.arm.fail_next(plan_of(azure, "llm")["id"], "22007", "A conflicting operation is in progress.")
    sentence = await refused(USES, settings, ErrorType.NOT_YET, within=WITHIN)
    assert "ended as Failed: A conflicting operation is in progress; 0 of 2 run in westeurope" in sentence
    assert (await perform(USES, settings, within=WITHIN)).changed is True


async def test_a_worker_that_dies_after_it_has_begun(azure: AzureWorld, tmp_path: Path) -> None:
    """Without a heartbeat the next one finds the job by what the plan shows, and follows it: it was sent once."""
    settings, _ = stood(azure)
    azure.arm.looks = 4
    await Attempt(USES, settings).killed_when(lambda: _FAILOVER in azure.asked(), tmp_path)
    await Attempt(USES, settings).run(tmp_path)
    assert posted(azure) == [_FAILOVER]
    assert set(sides_of(azure, "llm").values()) == {"Recovery"}


async def test_by_its_heartbeat_another_worker_goes_on(azure: AzureWorld, tmp_path: Path) -> None:
    """The operation is in it."""
    settings, _ = stood(azure)
    azure.arm.looks = 10**9
    first = Attempt(USES, settings)
    await first.killed_when(lambda: len(first.details) > 1, tmp_path)
    for operation in azure.arm.operations.values():
        operation.looks = 2
    await Attempt(USES, settings, first.details).run(tmp_path)
    assert posted(azure) == [_FAILOVER]


async def test_a_job_that_the_plan_shows_no_more_is_found_among_all(azure: AzureWorld) -> None:
    """It had failed, and the worker died before it could say so: no second one is begun for that."""
    settings, fake = stood(azure)
    fake.stuck, fake.forgets = {"gpu-2": "no"}, True
    for _ in range(2):
        assert "gpu-2: no" in await refused(USES, settings, ErrorType.WRONG_STATE, within=WITHIN)
    assert posted(azure) == [_FAILOVER]


async def test_a_job_of_somebody_else_is_not_followed(azure: AzureWorld) -> None:
    """What is under way by hand, or by another run, is named."""
    settings, _ = stood(azure)
    shown = properties(azure)
    shown["allowedOperations"] = []
    shown["currentScenario"] = {"scenarioName": "TestFailover", "jobId": "/x/replicationJobs/j1"}
    shown["currentScenarioStatus"] = "InProgress"
    sentence = await refused(USES, settings, ErrorType.WRONG_STATE, within=WITHIN)
    assert "is at another job, TestFailover (InProgress, j1)" in sentence
    assert posted(azure) == []


async def test_a_newer_decision_of_another_run_is_not_overtaken(azure: AzureWorld) -> None:
    """It stands on the vault, whatever step has written it."""
    settings, _ = stood(azure)
    note = Note(mark="0" * 16, epoch=EPOCH + 1, scheduling="0" * 8, after="None", at=0)
    azure.arm.resource(azure.id_of(VAULT, "llm", region=THERE))["tags"]["evac-llm"] = str(note)
    sentence = await refused(USES, settings, ErrorType.STALE_EPOCH, within=WITHIN)
    assert f"by decision {EPOCH + 1}, which is newer" in sentence


async def test_a_job_that_waits_for_a_person(azure: AzureWorld) -> None:
    """A manual action of the plan: it says where, and sends nothing again."""
    settings, fake = stood(azure)
    fake.suspended, azure.arm.looks = "WaitingForManualAction", 10**9
    await _until_posted(azure, settings)
    sentence = await refused(USES, settings, ErrorType.NOT_YET, within=2.0)
    assert "is Suspended (it waits for a person (WaitingForManualAction): see to it in the portal" in sentence
    assert posted(azure) == [_FAILOVER]


async def test_a_lock_on_the_vault_is_said_first(azure: AzureWorld) -> None:
    """Nothing is noted, either."""
    settings, _ = stood(azure)
    azure.arm.locks[azure.id_of(VAULT, "llm", region=THERE)] = "ReadOnly"
    assert "forbids it: nothing was changed" in await refused(USES, settings, ErrorType.WRONG_STATE, within=WITHIN)
    assert azure.asked(changes=True) == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"azure_region": "northeurope"}, "leads between eastus and westeurope, and not to northeurope"),
        ({"provider": "InMageRcm"}, "holds machines of A2A, not of InMageRcm alone"),
        ({"test_network": NETWORK}, "test_network is for action test_failover"),
    ],
)
async def test_settings_that_do_not_fit_the_plan(azure: AzureWorld, settings: dict[str, Any], said: str) -> None:
    """They are the runbook's fault."""
    stood(azure)
    sentence = await refused(USES, {**plan_settings(azure, "llm"), **settings}, ErrorType.BAD_SETTINGS, within=WITHIN)
    assert said in sentence
    assert azure.asked(changes=True) == []


async def test_the_check_says_what_would_go_ill(azure: AzureWorld) -> None:
    """The vault's region is left, machines are unwell or too far behind; the act itself is not kept from it."""
    stand_plan(azure, "llm", region=HERE)
    settings = plan_settings(azure, "llm", rpo=30)
    one, _ = machines(azure.arm, plan_of(azure, "llm"))
    one["properties"].update(replicationHealth="Critical", healthErrors=[{"summaryMessage": "No agent answers."}])
    checked = await perform(f"{USES}.check", settings, within=WITHIN)
    assert checked.proved is False
    assert checked.reason == (
        "The vault llm is in eastus, the region that the plan llm leads out of: with the region the plan is lost. "
        "Protect the machines from a vault elsewhere. The replication of gpu-1 is Critical: No agent answers. "
        "gpu-2 is 42 s behind, and 30 s are allowed."
    )
    assert (await perform(USES, settings, within=WITHIN)).changed is True


async def test_a_machine_that_nobody_knows_has_not_arrived(azure: AzureWorld) -> None:
    """The plan names it, and the vault does not: it is never counted among those that run where they should."""
    settings, _ = stood(azure)
    for one in machines(azure.arm, plan_of(azure, "llm")):
        one["properties"]["activeLocation"] = "Recovery"
    gone = one["id"].lower()
    azure.arm.resources.pop(gone)
    checked = await perform(f"{USES}.check", settings, within=WITHIN)
    assert (checked.proved, checked.reason) == (False, "The replication of gpu-2 is unknown.")


async def test_the_check_of_a_commit_does_not_want_the_failover_beforehand(azure: AzureWorld) -> None:
    """It comes in the same procedure; a second failover would be in vain, and a test that is up is in its way."""
    settings, _ = stood(azure)
    commit = {**settings, "action": "commit"}
    assert (await perform(f"{USES}.check", commit, within=WITHIN)).proved
    properties(azure)["allowedOperations"] = ["TestFailoverCleanup"]
    checked = await perform(f"{USES}.check", settings, within=WITHIN)
    assert (checked.proved, checked.before["error"]) == (False, ErrorType.WRONG_STATE.value)
    clean = plan_settings(azure, "llm", action="test_failover_cleanup", azure_region="northeurope")
    assert "and not to northeurope" in (await perform(f"{USES}.check", clean, within=WITHIN)).reason
