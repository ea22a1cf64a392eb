"""Capacity by a template: what is shown is deployed, and nothing else."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from temporalio.activity import ActivityCancellationDetails

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.azure.attempt import Attempt
from tests.azure.fakes.resources import Resources
from tests.azure.templates import SCALE_SET, written
from tests.azure.world import THERE, AzureWorld

_DEPLOY = "Microsoft.Resources/deployments/write"
_CANCEL = "Microsoft.Resources/deployments/cancel/action"
_DEPLOYMENT = "Microsoft.Resources/deployments"
WITHIN = 20.0
USES = "scale.azure_deployment"


def stand(azure: AzureWorld, folder: Path, replicas: int = 5, **more: Any) -> dict[str, Any]:
    """A template, and the settings that name it."""
    template = more.pop("template", None) or written(folder)
    return azure.settings(THERE, deployment="standby", template=template, replicas=replicas, **more)


async def shown(settings: dict[str, Any]) -> dict[str, Any]:
    """With what the approvers were shown."""
    checked = await perform(f"{USES}.check", settings, within=WITHIN)
    assert checked.preview is not None, checked.reason
    return {**settings, "approved": checked.preview.approved}


async def scale(settings: dict[str, Any], **more: Any) -> Any:
    """The act's answer."""
    return await perform(USES, settings, within=WITHIN, **more)


def capacity(azure: AzureWorld) -> int:
    """Of the scale set that the template makes."""
    found = azure.arm.resource(azure.id_of(SCALE_SET, "llm", region=THERE))["sku"]["capacity"]
    assert isinstance(found, int)
    return found


async def test_what_is_shown_is_deployed(azure: AzureWorld, tmp_path: Path) -> None:
    """First it is created, then changed; each line says of what."""
    settings = stand(azure, tmp_path, 2)
    checked = await perform(f"{USES}.check", settings, within=WITHIN)
    assert checked.preview is not None
    assert checked.preview.lines[1:] == (f"it: + {SCALE_SET}/llm",)
    assert checked.preview.lines[0].startswith("it in eu-west-1, by Azure: 1 to create (changes ")
    await scale(await shown(settings))
    more = await perform(f"{USES}.check", {**settings, "replicas": 5}, within=WITHIN)
    assert more.preview is not None
    assert more.preview.lines[1:] == (f"it: ~ {SCALE_SET}/llm: sku.capacity 2 -> 5",)
    done = await scale({**settings, "replicas": 5, "approved": more.preview.approved})
    assert done.reason.startswith("Applied llm-westeurope/standby: 1 to change (changes ")
    assert (done.after["outputs"], capacity(azure)) == ({"standbySize": 5}, 5)


@pytest.mark.parametrize("other", ["size", "template", "resource", "nobody"])
async def test_nothing_else_is_deployed(azure: AzureWorld, tmp_path: Path, other: str) -> None:
    """Another size, another template, a resource that somebody has changed since, or nobody was asked."""
    settings = await shown(stand(azure, tmp_path, 2))
    await scale(settings)
    settings = await shown({**settings, "replicas": 4})
    changed = dict(settings)
    if other == "size":
        changed["replicas"] = 5
    elif other == "template":
        written(tmp_path, outputs={"standbySize": {"type": "int", "value": 4}})
    elif other == "resource":
        azure.arm.resource(azure.id_of(SCALE_SET, "llm", region=THERE))["sku"]["capacity"] = 3
    else:
        del changed["approved"]
    sentence = await refused(USES, changed, ErrorType.WRONG_STATE, within=WITHIN)
    words = {
        "size": "it would become something else than was shown",
        "template": "it would become something else than was shown",
        "resource": "it was changed by somebody else since",
        "nobody": "what it would change was not shown to anybody",
    }
    assert words[other] in sentence
    assert azure.asked(changes=True) == [_DEPLOY]


async def test_it_never_shrinks_while_failing_over(azure: AzureWorld, tmp_path: Path) -> None:
    """Unless traffic has left."""
    settings = stand(azure, tmp_path, 5)
    await scale(await shown(settings))
    less = {**settings, "replicas": 2}
    done = await scale(less)
    assert (done.changed, done.reason) == (False, "Nothing is to be changed: 5 are deployed.")
    await scale(await shown({**less, "down": True}))
    assert capacity(azure) == 2


async def test_deletes_are_refused_unless_allowed(azure: AzureWorld, tmp_path: Path) -> None:
    """By a deployment that is complete: what the template does not name would go."""
    azure.put(SCALE_SET, "other", region=THERE, sku={"name": "a", "capacity": 1})
    settings = stand(azure, tmp_path, mode="complete")
    sentence = await refused(USES, settings, ErrorType.WRONG_STATE, within=WITHIN)
    assert sentence.startswith(f"Azure would delete or replace {SCALE_SET}/other, and this step may not")
    assert azure.asked(changes=True) == []
    await scale(await shown({**settings, "allow_delete": True}))
    assert azure.id_of(SCALE_SET, "other", region=THERE).lower() not in azure.arm.resources
    assert capacity(azure) == 5


async def test_what_azure_cannot_tell_is_said(azure: AzureWorld, tmp_path: Path) -> None:
    """It would be sent again, and the approver knows that nobody knows what that changes."""
    azure.arm.provider(Resources).unsure.add(SCALE_SET)
    checked = await perform(f"{USES}.check", stand(azure, tmp_path), within=WITHIN)
    assert checked.preview is not None
    assert checked.preview.lines[1:] == (f"it: ! {SCALE_SET}/llm: Azure cannot tell what of it would change",)


async def test_secrets_are_sent_and_never_shown(
    azure: AzureWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in lines nor in evidence, though the template does not say that it is one."""
    settings = await shown(stand(azure, tmp_path))
    await scale(settings)
    monkeypatch.setenv("ADMIN", "hunter2hunter2")
    settings = await shown({**settings, "replicas": 6, "secret_parameters": {"password": "env://ADMIN"}})
    checked = await perform(f"{USES}.check", settings, within=WITHIN)
    assert checked.preview is not None
    assert 'properties.adminPassword "none" -> a secret' in checked.preview.lines[1]
    done = await scale(settings)
    assert "hunter2" not in f"{checked} {done}"
    made = azure.arm.resource(azure.id_of(SCALE_SET, "llm", region=THERE))
    assert made["properties"]["adminPassword"] == "hunter2hunter2"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"size_parameter": "size"}, "has no parameter size, by which it is sized"),
        ({"size_output": "size"}, "has no output size, by which it is sized"),
        ({"parameters": {"colour": "blue"}}, "has no parameter colour"),
        ({"template": "/nowhere/llm.json"}, "cannot be read (No such file or directory)"),
        ({"template": __file__}, "cannot be read (it is no JSON"),
    ],
)
async def test_a_template_that_does_not_fit_is_said(
    azure: AzureWorld, tmp_path: Path, more: dict[str, Any], says: str
) -> None:
    """Before anything is asked."""
    assert says in await refused(USES, stand(azure, tmp_path, **more), ErrorType.BAD_SETTINGS, within=WITHIN)


async def test_a_deployment_that_fails_says_why(azure: AzureWorld, tmp_path: Path) -> None:
    """And the next one deploys what is left."""
    settings = await shown(stand(azure, tmp_path))
    azure.arm.fail_next(azure.id_of(_DEPLOYMENT, "standby", region=THERE), "SkuNotAvailable", "The size is not there.")
    sentence = await refused(USES, settings, ErrorType.NO_CAPACITY, within=WITHIN)
    assert "The size is not there" in sentence
    assert (await scale(settings)).changed is True


async def test_another_worker_waits_for_what_was_begun(azure: AzureWorld, tmp_path: Path) -> None:
    """Its answer was lost: it goes on by itself, and is not deployed twice."""
    settings = await shown(stand(azure, tmp_path))
    azure.bend(_DEPLOY, "lose", times=1)
    await refused(USES, settings, ErrorType.UNREACHABLE, within=WITHIN)
    assert (await scale(settings)).reason == "Nothing is to be changed: 5 are deployed."
    assert azure.asked(changes=True) == [_DEPLOY]


@pytest.mark.parametrize("withdrawn", [True, False])
async def test_only_a_step_that_is_called_off_is_cancelled(
    azure: AzureWorld,
    tmp_path: Path,
    withdrawn: bool,  # noqa: FBT001
) -> None:
    """A worker that merely stops leaves the deployment to the next one; heartbeats say how far it is."""
    settings = await shown(stand(azure, tmp_path))
    azure.arm.looks = 10**9
    attempt = Attempt(USES, settings)
    running = asyncio.create_task(attempt.run(tmp_path))
    async with asyncio.timeout(15):
        while not attempt.text.startswith("0 of 1 resources are deployed; now "):
            await asyncio.sleep(0.02)
    attempt.cancel(ActivityCancellationDetails(cancel_requested=withdrawn, worker_shutdown=not withdrawn))
    await asyncio.wait({running})
    assert running.cancelled() or running.exception() is not None
    assert azure.asked(changes=True) == ([_DEPLOY, _CANCEL] if withdrawn else [_DEPLOY])
    state = azure.arm.resource(azure.id_of(_DEPLOYMENT, "standby", region=THERE))["properties"]["provisioningState"]
    assert state == ("Canceled" if withdrawn else "Running")


async def test_a_size_that_is_no_number_is_said(azure: AzureWorld, tmp_path: Path) -> None:
    """The output tells something else."""
    outputs = {"standbySize": {"type": "string", "value": "many"}}
    settings = stand(azure, tmp_path, template=written(tmp_path, outputs=outputs))
    await scale(await shown(settings))
    assert "is no number" in await refused(USES, settings, ErrorType.BAD_SETTINGS, within=WITHIN)
