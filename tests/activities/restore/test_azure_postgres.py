from pathlib import Path
from typing import Any

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.attempt import Attempt
from tests.azure.databases import POSTGRES, postgres, server, servers, stand_backups, stand_postgres
from tests.azure.world import HERE, SUBSCRIPTION, THERE, AzureWorld

USES = "restore.azure_postgres"
WITHIN = 30.0
LIVE = [f"llm-{HERE}", f"llm-{THERE}"]
_WRITE, _DELETE = f"{POSTGRES}/write", f"{POSTGRES}/delete"


def stood(azure: AzureWorld, region: str = THERE, *, geo: str = "Enabled", **more: Any) -> dict[str, Any]:
    """A primary here with backups, its replica there: the settings of one of them."""
    stand_postgres(azure, "llm")
    stand_backups(azure, "llm", geo=geo)
    return postgres(azure, "llm", region, **more)


def put_aside(azure: AzureWorld, name: str, **tags: str) -> None:
    """A server that looks as if it had been restored aside."""
    azure.put(POSTGRES, name, region=THERE, tags=tags, properties={"state": "Ready", "replicationRole": "Primary"})


@pytest.mark.parametrize(("region", "behind"), [(HERE, 600.0), (THERE, 5400.0)])
async def test_backups_are_restored_where_they_are_needed(azure: AzureWorld, region: str, behind: float) -> None:
    """In their own region, or by their copies in the other one; nothing is left, and no server is touched."""
    settings = stood(azure, region)
    before = [dict(server(azure, "llm", one)["properties"]) for one in (HERE, THERE)]
    result = await perform(USES, settings, within=WITHIN)
    assert result.proved, result.reason
    assert result.reason.startswith(f"The backups of llm-{HERE} were restored aside in ")
    assert servers(azure) == LIVE
    assert [server(azure, "llm", one)["properties"] for one in (HERE, THERE)] == before
    assert azure.asked(changes=True) == [_WRITE, _DELETE]
    age = result.after["backup_age"]
    assert isinstance(age, float)
    assert behind <= age < behind + WITHIN + 1
    assert result.after["databases"] == ["postgres", "vectors"]


async def test_a_group_of_its_own_for_what_is_restored(azure: AzureWorld) -> None:
    """The right to make and delete servers is then only there."""
    settings = stood(azure, restore_group="drills")
    azure.arm.groups["drills"] = THERE
    assert (await perform(USES, settings, within=WITHIN)).proved
    changed = [call["path"] for call in azure.calls() if call["change"]]
    where = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/drills/providers/{POSTGRES}/llm-{THERE}-aside-"
    assert [path.startswith(where) for path in changed] == [True, True]


async def test_backups_that_are_kept_in_one_region_prove_nothing_in_another(azure: AzureWorld) -> None:
    """Nothing is tried."""
    result = await perform(USES, stood(azure, geo="Disabled"), within=WITHIN)
    assert result.proved is False
    assert result.reason == (
        f"The backups of llm-{HERE} are kept in eastus alone (geo-redundant backup, which is chosen when a server is "
        "made, is off): in westeurope nothing of them could be restored."
    )
    assert azure.asked(changes=True) == []


async def test_backups_that_are_not_there(azure: AzureWorld) -> None:
    """None yet, none of long ago enough, or none any more."""
    settings = stood(azure)
    shown = server(azure, "llm", HERE)["properties"]["backup"]
    shown.pop("earliestRestoreDate")
    said = [(await perform(USES, settings, within=WITHIN)).reason]
    stand_backups(azure, "llm", full=3 * 86400.0)
    said.append((await perform(USES, settings, within=WITHIN)).reason)
    assert said[0] == f"There is no backup of llm-{HERE} yet."
    assert said[1].endswith("s old: they are made no more.")
    assert azure.asked(changes=True) == []


async def test_what_azure_cannot_restore_is_said_and_removed(azure: AzureWorld) -> None:
    """It is no error: it is the answer."""
    settings = stood(azure)
    name = await _name(azure, settings)
    azure.arm.fail_next(azure.id_of(POSTGRES, name, region=THERE), "RestoreFailed", "The backup is damaged.")
    result = await perform(USES, settings, within=WITHIN)
    assert result.proved is False
    assert "cannot be restored: Azure answers RestoreFailed" in result.reason
    assert servers(azure) == LIVE


async def _name(azure: AzureWorld, settings: dict[str, Any]) -> str:
    """What this run restores to: the same each time."""
    name = str((await perform(USES, settings, within=WITHIN)).after["aside"])
    assert name not in servers(azure)
    return name


async def test_a_database_that_is_missing_is_named(azure: AzureWorld) -> None:
    """A server that is Ready is no proof that everything is in it."""
    settings = stood(azure)
    name = await _name(azure, settings)
    put_aside(azure, name, **{"evac-aside": "run-1", "evac-aside-by": "book", "evac-aside-point": "1"})
    result = await perform(USES, settings, within=WITHIN)
    assert "What was restored has no database vectors, which llm-eastus has." in result.reason
    assert servers(azure) == LIVE


async def test_killed_in_between_another_worker_goes_on(azure: AzureWorld, tmp_path: Path) -> None:
    """With the heartbeat or without it: one server is made, as of the same moment, and it is removed."""
    settings = stood(azure)
    azure.arm.looks = 10**9
    first = Attempt(USES, settings)
    await first.killed_when(lambda: len(first.details) > 1, tmp_path)
    made = next(one for one in servers(azure) if one not in LIVE)
    point = azure.arm.resource(azure.id_of(POSTGRES, made, region=THERE))["tags"]["evac-aside-point"]
    for operation in azure.arm.operations.values():
        operation.looks = 2
    azure.arm.looks = 2
    result = await perform(USES, settings, within=WITHIN)
    assert result.proved, result.reason
    assert azure.asked(changes=True) == [_WRITE, _DELETE]
    assert servers(azure) == LIVE
    age = result.after["backup_age"]
    assert isinstance(age, float)
    assert age + float(point) == pytest.approx(result.observed_at, abs=2)


async def test_killed_while_it_is_removed(azure: AzureWorld, tmp_path: Path) -> None:
    """What it had proved is lost with the worker, and is proved again; it is not said that it could not be."""
    settings = stood(azure)
    azure.arm.looks = 4
    await Attempt(USES, settings).killed_when(lambda: _DELETE in azure.asked(), tmp_path)
    result = await perform(USES, settings, within=WITHIN)
    assert result.proved, result.reason
    assert azure.asked(changes=True) == [_WRITE, _DELETE] * 2
    assert servers(azure) == LIVE


async def test_what_earlier_runs_have_left_is_removed(azure: AzureWorld) -> None:
    """Only what bears this runbook's tags, of this server, and is of another run."""
    settings = stood(azure)
    ours = {"evac-aside": "run-0", "evac-aside-by": "book", "evac-aside-of": f"llm-{HERE}"}
    put_aside(azure, "orphan", **ours)
    put_aside(azure, "of-another-book", **{**ours, "evac-aside-by": "other"})
    put_aside(azure, "of-another-server", **{**ours, "evac-aside-of": "other"})
    put_aside(azure, "of-nobody")
    assert (await perform(USES, settings, within=WITHIN)).proved
    assert servers(azure) == sorted([*LIVE, "of-another-book", "of-another-server", "of-nobody"])


async def test_a_server_of_that_name_that_is_not_evacs_is_left(azure: AzureWorld) -> None:
    """Whatever its name is."""
    settings = stood(azure)
    name = await _name(azure, settings)
    put_aside(azure, name)
    assert "it is not Evac's, and is left" in await refused(USES, settings, ErrorType.CONFLICT, within=WITHIN)
    assert name in servers(azure)


async def test_what_could_not_be_deleted_is_not_made(azure: AzureWorld) -> None:
    """A lock against deletion on the group is said before."""
    settings = stood(azure)
    azure.arm.locks[f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{azure.group(THERE)}"] = "CanNotDelete"
    assert "forbids it: nothing was changed" in await refused(USES, settings, ErrorType.WRONG_STATE, within=WITHIN)
    assert azure.asked(changes=True) == []


async def test_demands_that_are_not_met(azure: AzureWorld) -> None:
    """A proof that was demanded and not made is none."""
    result = await perform(USES, stood(azure, max_age=60, queries=[{"sql": "SELECT 1"}]), within=WITHIN)
    assert result.proved is False
    assert "Queries cannot be asked" in result.reason
    assert "s old, and 60 s are allowed." in result.reason


async def test_the_check_restores_nothing(azure: AzureWorld) -> None:
    """It says whether there are backups where they are needed."""
    settings = stood(azure)
    result = await perform(f"{USES}.check", settings, within=WITHIN)
    assert (result.proved, result.reason) == (True, f"The backups of llm-{HERE} are there.")
    assert azure.asked(changes=True) == []
