"""Azure's client: what is sent once, and who goes on waiting."""

import asyncio
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.clients.azure import azure as asking
from activities.clients.azure_redis import link
from activities.contract import Job
from runbooks.azure.databases import AzureRedisSettings
from runbooks.azure.scaling import VmssSettings
from runbooks.steps import ErrorType
from tests.activities.calls import call, perform, refused
from tests.azure.attempt import Attempt
from tests.azure.databases import POSTGRES, REDIS_LINK, postgres, redis, redis_cache, stand_postgres, stand_redis
from tests.azure.world import HERE, THERE, AzureWorld

_KIND = "Microsoft.Compute/virtualMachineScaleSets"
_UPDATE = "virtual_machine_scale_sets.begin_update"
_SIZE = "Microsoft.Compute/virtualMachineScaleSets/write"


def _group(azure: AzureWorld, **more: Any) -> dict[str, Any]:
    azure.put(_KIND, "llm", region=THERE, sku={"name": "Standard_NC24ads_A100_v4", "capacity": 2})
    return azure.settings(THERE, scale_set="llm", replicas=5, **more)


async def test_another_worker_goes_on_waiting_and_sends_nothing(azure: AzureWorld, tmp_path: Any) -> None:
    """Killed between the PATCH and the first poll: by the token in the heartbeat the next one only polls."""
    settings = _group(azure)
    azure.arm.looks = 10**9  # it goes on for ever
    first = Attempt("scale.vmss", settings)
    running = asyncio.create_task(first.run(tmp_path))
    async with asyncio.timeout(10):
        while not first.details:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})
    polled = azure.asked().count("Microsoft.Compute/locations/operations/read")
    for operation in azure.arm.operations.values():
        operation.looks = 4  # the next attempt's first look is two
    result = await Attempt("scale.vmss", settings, first.details).run(tmp_path)
    assert result.after["ready"] == 5
    assert azure.asked(changes=True) == [_SIZE]
    assert azure.asked().count("Microsoft.Compute/locations/operations/read") > polled


async def test_without_a_heartbeat_the_next_worker_sees_that_it_goes_on(azure: AzureWorld, tmp_path: Any) -> None:
    """Heartbeats lag behind: what is under way is seen by looking, and is not ordered again."""
    settings = _group(azure)
    azure.arm.looks = 4
    first = Attempt("scale.vmss", settings)
    running = asyncio.create_task(first.run(tmp_path))
    async with asyncio.timeout(10):
        while _SIZE not in azure.asked():
            await asyncio.sleep(0.005)
    running.cancel()
    await asyncio.wait({running})
    result = await Attempt("scale.vmss", settings).run(tmp_path)
    assert result.after["ready"] == 5
    assert azure.asked(changes=True) == [_SIZE]


async def test_one_patch_never_stands_for_another(azure: AzureWorld) -> None:
    """Killed while a first PATCH went on, the next attempt sends a second one after the end of the first."""
    settings = VmssSettings.model_validate(_group(azure))
    where = (settings.resource_group, settings.scale_set)
    given: dict[str, Any] = {"sku": {"capacity": 3}}, {"sku": {"capacity": 5}}
    azure.arm.looks = 10**9
    first = Job(call("scale.vmss", {}), settings, 20.0)
    async with first.stack:
        running = asyncio.create_task(asking(first).operate("compute", _UPDATE, *where, given[0]))
        async with asyncio.timeout(10):
            while not first.progress.tokens:
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.wait({running})
    azure.arm.looks = 0
    for operation in azure.arm.operations.values():
        operation.looks = 0
    second = Job(call("scale.vmss", {}), settings, 20.0, progress=first.progress)
    async with second.stack:
        answer = await asking(second).operate("compute", _UPDATE, *where, given[1])
    assert (answer["sku"]["capacity"], second.progress.tokens) == (5, {})
    assert azure.asked(changes=True) == [_SIZE, _SIZE]


async def test_what_is_over_at_once_is_not_waited_for(azure: AzureWorld) -> None:
    """A link that is there already: Azure's library could not read its end again by a token."""
    stand_redis(azure, "llm")
    settings = AzureRedisSettings.model_validate(redis(azure, "llm", HERE))
    job = Job(call("promote.azure_redis", {}), settings, allowed=20)
    async with job.stack:
        await link(asking(job), settings, redis_cache(azure, "llm", THERE)["id"], THERE)
    assert azure.asked() == [f"{REDIS_LINK}/write"]


async def test_a_token_that_ends_meanwhile_is_renewed(azure: AzureWorld) -> None:
    """Azure refuses the token that was kept: another one is asked for, and the step goes on."""
    settings = _group(azure)
    assert (await perform("detect.vmss", _look(settings))).reading is not None
    azure.expire_tokens()
    result = await perform("scale.vmss", settings, within=20.0)
    assert result.changed is True
    assert azure.asked(changes=True).count(_SIZE) <= 2  # one may have been refused, and changed nothing
    assert azure.arm.resource(azure.id_of(_KIND, "llm", region=THERE))["sku"]["capacity"] == 5


async def test_an_operation_that_fails_says_why(azure: AzureWorld) -> None:
    """The cause that Azure gives is in the sentence, and the next attempt is free to begin anew."""
    settings = _group(azure)
    where = azure.id_of(_KIND, "llm", region=THERE)
    azure.arm.fail_next(where, "AllocationFailed", "We do not have sufficient capacity for the requested VM size.")
    sentence = await refused("scale.vmss", settings, ErrorType.NO_CAPACITY, within=20.0)
    assert "sufficient capacity" in sentence


async def test_an_operation_that_was_cancelled_says_so(azure: AzureWorld) -> None:
    """Somebody has cancelled it in the portal."""
    settings = _group(azure)
    azure.arm.fail_next(azure.id_of(_KIND, "llm", region=THERE), "Canceled", "The operation was canceled by a user.")
    sentence = await refused("scale.vmss", settings, ErrorType.WRONG_STATE, within=20.0)
    assert "canceled by a user" in sentence


async def test_without_credentials_it_says_which_are_wanted(azure: AzureWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is guessed: the environment must name one."""
    monkeypatch.setattr("activities.clients.azure_credential._TOKENS", {})
    monkeypatch.delenv("AZURE_TOKEN_CREDENTIALS")
    sentence = await refused("scale.vmss", _group(azure), ErrorType.DENIED)
    assert "AZURE_TOKEN_CREDENTIALS" in sentence


async def test_a_lost_answer_has_nothing_sent_again(azure: AzureWorld) -> None:
    """Not even by the HTTP client, which holds a PUT for harmless: whoever comes next looks first."""
    stand_postgres(azure, "llm")
    there = postgres(azure, "llm", THERE, standalone=True)
    await perform("promote.azure_postgres", there, within=20.0)
    del azure.arm.resources[azure.id_of(POSTGRES, f"llm-{HERE}").lower()]
    azure.bend(f"{POSTGRES}/write", "lose", times=1)
    await refused("reseed.azure_postgres", postgres(azure, "llm", HERE, upstream=there), ErrorType.UNREACHABLE)
    assert [call["method"] for call in azure.calls()].count("PUT") == 1


async def test_requests_are_known_by_the_run(azure: AzureWorld) -> None:
    """Azure's activity log shows which run did what."""
    await perform("scale.vmss", _group(azure), within=20.0)
    assert {bool(one["correlation"]) for one in azure.calls()} == {True}
    assert len({one["correlation"] for one in azure.calls()}) == 1


async def test_nobody_answers(azure: AzureWorld) -> None:
    """A control plane that hangs is given up in time, and whatever was asked is looked at again."""
    settings = _group(azure, connect_timeout=0.3, read_timeout=0.3)
    azure.bend(f"@{THERE}", "hang")
    with pytest.raises(ApplicationError) as caught:
        await perform("scale.vmss", settings, within=6.0)
    assert caught.value.type in {ErrorType.TIMED_OUT.value, ErrorType.UNREACHABLE.value}


def _look(settings: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key != "replicas"}
