"""Capacity that Terraform holds, by the real program."""

from pathlib import Path
from typing import Any

import pytest

from runbooks.steps import ErrorType, StepResult
from tests.activities.calls import perform, refused
from tests.terraform.modules import CAPACITY, NEEDED, Module

USES = "scale.terraform"
pytestmark = NEEDED


@pytest.fixture
def module(tmp_path: Path) -> Module:
    """Nothing is applied yet."""
    return Module(tmp_path)


async def act(module: Module, settings: dict[str, Any], **more: Any) -> StepResult:
    """As a worker does."""
    return await perform(USES, settings, home=module.home / "evac", within=60, **more)


async def why_not(module: Module, settings: dict[str, Any], kind: ErrorType, **more: Any) -> str:
    """The sentence of the refusal."""
    return await refused(USES, settings, kind, home=module.home / "evac", within=60, **more)


async def test_what_was_shown_is_applied_and_nothing_is_left_behind(module: Module) -> None:
    """The twin names each resource and changes nothing; the act applies that; a second one finds nothing to do."""
    settings, checked = await module.shown(USES, module.settings(replicas=5))
    assert module.resources() == []
    assert checked.preview is not None
    title, *lines = checked.preview.lines
    assert title.startswith("it in eu-west-1, by Terraform: 3 to create, 2 outputs to change (changes ")
    assert lines[0] == "it: + terraform_data.balancer"
    first = await act(module, settings)
    second = await act(module, settings)
    assert (first.changed, second.changed) == (True, False)
    assert first.reason.endswith("5 are ready.")
    assert second.reason == "Nothing is to be changed: 5 are applied and 5 are ready."
    assert module.outputs()["standby_size"] == 5
    assert sorted(first.after["seconds"]) == [  # type: ignore[arg-type]
        "terraform_data.balancer",
        'terraform_data.node["blue"]',
        'terraform_data.node["green"]',
    ]
    assert sorted(path.name for path in module.folder.iterdir()) == ["main.tf"]


async def test_each_attribute_that_changes_is_shown(module: Module) -> None:
    """An approver reads from what to what."""
    await act(module, (await module.shown(USES, module.settings(replicas=2)))[0])
    _, checked = await module.shown(USES, module.settings(replicas=4))
    assert checked.preview is not None
    (line,) = (line for line in checked.preview.lines if "blue" in line)
    assert line.startswith('it: ~ terraform_data.node["blue"]: input {"size": 2} -> {"size": 4}')
    assert "output {" in line


async def test_without_a_preview_it_waits_for_a_person(module: Module) -> None:
    """What nobody was shown is not applied; the refusal says what it would be."""
    said = await why_not(module, module.settings(replicas=2), ErrorType.WRONG_STATE)
    assert said.startswith("It is not what was approved: what it would change was not shown to anybody. ")
    assert "3 to create" in said
    assert module.resources() == []


async def test_other_changes_than_the_approved_ones_are_refused(module: Module) -> None:
    """The configuration was edited after the approval: it stops, names what differs, and applies nothing of it."""
    settings, _ = await module.shown(USES, module.settings(replicas=2))
    module.write(CAPACITY + 'resource "terraform_data" "extra" {}\n')
    said = await why_not(module, settings, ErrorType.WRONG_STATE)
    assert "terraform_data.extra: to create, which was not shown" in said
    settings["variables"] = {"names": ["blue"]}
    module.write(CAPACITY.replace("size = var", "width = var"))
    said = await why_not(module, settings, ErrorType.WRONG_STATE)
    assert 'terraform_data.node["blue"]: it would become something else than was shown' in said
    assert module.resources() == []


async def test_what_is_left_of_the_approved_changes_is_applied(module: Module) -> None:
    """A worker died after a part: what is left is within what was approved, although ids are known by now."""
    settings, _ = await module.shown(USES, module.settings(replicas=3))
    part, _ = await module.shown(USES, module.settings(replicas=3, targets=['terraform_data.node["blue"]']))
    await act(module, part)
    assert module.resources() == ["node.blue"]
    done = await act(module, settings)
    assert "2 to create" in done.reason
    assert module.resources() == ["balancer.", "node.blue", "node.green"]


async def test_deletes_and_replacements_are_refused_by_name(module: Module) -> None:
    """Unless the settings allow them."""
    await act(module, (await module.shown(USES, module.settings(replicas=2)))[0])
    fewer = module.settings(replicas=2, variables={"names": ["blue"]})
    said = await why_not(module, fewer, ErrorType.WRONG_STATE)
    assert 'Terraform would delete or replace terraform_data.node["green"], and this step may not' in said
    checked = await perform(f"{USES}.check", fewer, home=module.home / "evac", within=60)
    assert (checked.proved, checked.preview) == (False, None)
    allowed, _ = await module.shown(USES, {**fewer, "allow_delete": True})
    await act(module, allowed)
    assert module.resources() == ["balancer.", "node.blue"]


async def test_it_never_shrinks_while_failing_over(module: Module) -> None:
    """Seven there, five needed: seven stay; when traffic has left, five are enough."""
    await act(module, (await module.shown(USES, module.settings(replicas=7)))[0])
    stays = await act(module, (await module.shown(USES, module.settings(replicas=5)))[0])
    assert (stays.changed, module.outputs()["standby_size"]) == (False, 7)
    await act(module, (await module.shown(USES, module.settings(replicas=5, down=True)))[0])
    assert module.outputs()["standby_size"] == 5


async def test_secrets_stay_out_of_everything(module: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret variable reaches Terraform, and neither the preview nor the evidence."""
    monkeypatch.setenv("LLM_SECRET", "s3cr3t-value")
    given = module.settings(replicas=2, secret_variables={"secret": "env://LLM_SECRET"})
    settings, checked = await module.shown(USES, given)
    done = await act(module, settings)
    assert module.outputs()["secret"] == "s3cr3t-value"
    assert "s3cr3t-value" not in checked.model_dump_json() + done.model_dump_json()


async def test_variables_of_files_and_workspaces(module: Module) -> None:
    """A file for each region, overridden by `variables`; a workspace that is not there is named."""
    (module.folder / "env").mkdir()
    (module.folder / "env" / "eu-west-1.tfvars").write_text('names = ["one", "blue"]\n')
    given = module.settings(replicas=1, var_files=["env/{region}.tfvars"])
    await act(module, (await module.shown(USES, given))[0])
    assert module.resources() == ["balancer.", "node.blue", "node.one"]
    said = await why_not(module, {**given, "var_files": ["env/none.tfvars"]}, ErrorType.NOT_FOUND)
    assert said == f"{module.folder} has no file env/none.tfvars: look at `var_files`."
    said = await why_not(module, {**given, "workspace": "prod"}, ErrorType.NOT_FOUND)
    assert "doesn't exist" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            CAPACITY.replace('"standby_size" {\n  type', '"size" {\n  type').replace("var.standby_size", "var.size"),
            "variable",
        ),
        (CAPACITY.replace('output "standby_size"', 'output "size"'), "output"),
    ],
)
async def test_a_configuration_that_cannot_be_sized_is_told(module: Module, text: str, said: str) -> None:
    """A size that no variable takes, or no output tells, would never have an effect."""
    module.write(text)
    given = module.settings(replicas=2, variables={"size": 2})
    assert f"has no {said} standby_size" in await why_not(module, given, ErrorType.BAD_SETTINGS)


async def test_mistakes_are_classified(module: Module) -> None:
    """A variable without a value, a program that is not there, a directory that is not there."""
    module.write(CAPACITY + 'variable "image" {}\n')
    assert "image" in await why_not(module, module.settings(replicas=2), ErrorType.BAD_SETTINGS)
    gone = {**module.settings(replicas=2), "program": "no-such-terraform"}
    assert "no-such-terraform cannot be started" in await why_not(module, gone, ErrorType.NOT_FOUND)
    lost = {**module.settings(replicas=2), "directory": str(module.home / "none")}
    assert "There is no directory" in await why_not(module, lost, ErrorType.NOT_FOUND)


async def test_an_older_decision_is_refused(module: Module) -> None:
    """What a newer one has applied stays."""
    settings, _ = await module.shown(USES, module.settings(replicas=2))
    await act(module, settings)
    said = await why_not(module, {**settings, "replicas": 9}, ErrorType.STALE_EPOCH, epoch=6)
    assert "decision 7, which is newer than this run's 6" in said
    assert module.outputs()["standby_size"] == 2
