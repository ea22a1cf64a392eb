"""A root module as a step: locks, interruptions and deaths, by the real program."""

import asyncio
import json
import os
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.catalog import activities
from activities.clients.terraform import command_line
from runbooks.steps import ErrorType, StepResult
from tests.activities.calls import call, perform, refused
from tests.lab.started import until
from tests.terraform.modules import NEEDED, PROGRAM, Module

USES = "run.terraform"
pytestmark = NEEDED

SLOW = """
variable "seconds" {
  default = 0
}
resource "terraform_data" "quick" {
  count = 2
}
resource "terraform_data" "slow" {
  input      = "slow"
  depends_on = [terraform_data.quick]
  provisioner "local-exec" {
    command = "touch BEGUN; sleep ${var.seconds}"
  }
}
resource "terraform_data" "last" {
  depends_on = [terraform_data.slow]
}
"""
_WORKER = """
import asyncio, json, sys
from pathlib import Path
from tests.activities.calls import perform
settings = json.loads(sys.argv[1])
asyncio.run(perform("run.terraform", settings, home=Path(sys.argv[2]), within=60))
"""


class Slow(Module):
    """One whose apply takes a while, and says when it has begun."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, SLOW.replace("BEGUN", str(home / "begun")))

    async def begun(self) -> None:
        """Wait until the slow resource is being made."""
        await until(self._begun)

    async def _begun(self) -> bool:
        return (self.home / "begun").exists()


@pytest.fixture
def module(tmp_path: Path) -> Slow:
    """Nothing is applied yet."""
    return Slow(tmp_path)


async def act(module: Module, settings: dict[str, Any]) -> StepResult:
    """As a worker does."""
    return await perform(USES, settings, home=module.home / "evac", within=60)


async def test_it_applies_once(module: Slow) -> None:
    """The second run finds nothing to do."""
    settings, _ = await module.shown(USES, module.settings())
    first, second = await act(module, settings), await act(module, settings)
    assert first.reason.startswith(f"Applied {module.folder}: 4 to create (changes ")
    assert (first.changed, second.changed) == (True, False)
    assert second.reason == f"Nothing of {module.folder} is to be changed."


async def test_how_far_it_is_is_told_resource_by_resource(module: Slow) -> None:
    """The heartbeats name the resource that is being changed."""
    settings, _ = await module.shown(USES, module.settings(variables={"seconds": 1}))
    environment = ActivityEnvironment()
    beats: list[str] = []
    environment.on_heartbeat = lambda *details: beats.extend(str(detail) for detail in details)
    environment.info = _quick(environment.info)
    await environment.run(_activity(module), call(USES, settings))
    assert "3 of 4: terraform_data.slow (0 s)" in beats


async def test_a_locked_state_is_busy_and_never_unlocked(module: Slow) -> None:
    """Whoever holds it is named, with the lock's id and since when; the state is as they leave it."""
    settings, _ = await module.shown(USES, module.settings(variables={"seconds": 30}, lock_timeout=0, grace=1))
    first = asyncio.create_task(act(module, settings))
    await module.begun()
    said = await refused(USES, settings, ErrorType.BUSY, home=module.home / "evac", within=60)
    assert "the state is locked by " in said
    assert " for apply since " in said
    assert "`terraform force-unlock " in said
    assert not first.done()
    first.cancel()
    await asyncio.wait({first})


async def test_cancelled_it_saves_its_state_and_leaves_no_lock(module: Slow) -> None:
    """An abort interrupts the apply: what was done is known, and what was left half made is named, not replaced."""
    settings, _ = await module.shown(USES, module.settings(variables={"seconds": 30}))
    under_way = asyncio.create_task(act(module, settings))
    await module.begun()
    under_way.cancel()
    await asyncio.wait({under_way})
    assert under_way.cancelled()
    assert module.resources() == ["quick.0", "quick.1", "slow."]
    said = await refused(USES, settings, ErrorType.WRONG_STATE, home=module.home / "evac", within=60)
    assert "would delete or replace terraform_data.slow, and this step may not" in said
    allowed = module.settings(variables={"seconds": 0}, allow_delete=True)
    done = await act(module, (await module.shown(USES, allowed))[0])
    assert "1 to replace, 1 to create" in done.reason or "1 to create, 1 to replace" in done.reason


async def test_too_long_it_is_interrupted(module: Slow) -> None:
    """It ends in its time, by a sentence."""
    settings, _ = await module.shown(USES, module.settings(variables={"seconds": 60}, grace=1))
    began = time.monotonic()
    said = await refused(USES, settings, ErrorType.TIMED_OUT, home=module.home / "evac", within=3)
    assert said.startswith(f"`{Path(PROGRAM).name} apply` of {module.folder} took longer than 2.7 s")
    assert time.monotonic() - began < 20


async def test_a_killed_worker_takes_no_apply_with_it(module: Slow) -> None:
    """What it had begun goes on to its end; the next worker waits for the lock, and finds everything done."""
    settings, _ = await module.shown(USES, module.settings(variables={"seconds": 3}, lock_timeout=20))
    arguments = [sys.executable, "-c", _WORKER, json.dumps(settings), str(module.home / "evac")]
    worker = await asyncio.create_subprocess_exec(*arguments, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    await module.begun()
    worker.kill()
    await worker.wait()
    done = await _until_done(module, settings)
    assert (done.changed, done.reason) == (False, f"Nothing of {module.folder} is to be changed.")
    assert module.resources() == ["last.", "quick.0", "quick.1", "slow."]


async def _until_done(module: Slow, settings: dict[str, Any]) -> StepResult:
    """As Temporal would: a plan that has become stale is made anew."""
    for _ in range(20):
        try:
            return await act(module, settings)
        except ApplicationError as error:
            if error.type not in (ErrorType.BUSY, ErrorType.CONFLICT):
                raise
    pytest.fail("it did not come to an end")


def test_command_lines_are_those_of_python_terraform() -> None:
    """Lists, pairs and flags as Terraform takes them."""
    line = command_line("tofu", "plan", "p.tfplan", input=False, target=["a.b", 'c["d"]'], lock_timeout="5s")
    assert line == ["tofu", "plan", "-input=false", "-target=a.b", '-target=c["d"]', "-lock-timeout=5s", "p.tfplan"]


def _activity(module: Module) -> Any:
    for one in activities(module.home / "evac"):
        definition = activity._Definition.must_from_callable(one)
        if definition.name == USES:
            return one
    raise LookupError(USES)


def _quick(info: Any) -> Any:
    return replace(info, heartbeat_timeout=timedelta(seconds=0.1), start_to_close_timeout=timedelta(seconds=60))
