"""A failover whose standby capacity is Terraform's: shown before the approval, applied resource by resource."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.activities.calls import perform
from tests.e2e.evac_cli import EvacCli
from tests.e2e.evac_cli import at_work as working
from tests.terraform.modules import CAPACITY, NEEDED, Module

SOURCE, TARGET = "us-east-1", "eu-west-1"
SLOW = """
resource "terraform_data" "warm_up" {
  input            = "models"
  triggers_replace = var.standby_size > 2 ? "large" : "small"
  provisioner "local-exec" {
    command = "sleep 3"
  }
}
"""
pytestmark = [NEEDED, pytest.mark.timeout(180)]


class Evac(EvacCli):
    """The command line, and the module of the standby."""

    def __init__(self, home: Path, module: Module) -> None:
        super().__init__(home)
        self.module = module

    def runbook(self) -> str:
        """Two regions; the standby's size is a variable of the module."""

        def settings(state: Path) -> dict[str, Any]:
            backend = {"type": "local", "config": {"path": str(state)}}
            return self.module.settings(backend=backend, allow_delete=True)

        book = {
            "evac": 1,
            "name": "llm",
            "objectives": {"rto": "5m", "rpo": "10s"},
            "regions": {SOURCE: {"role": "active", "traffic": 100}, TARGET: {"role": "standby", "traffic": 0}},
            "resources": {
                "llm": {
                    "kind": "terraform",
                    "replicas": {SOURCE: 5, TARGET: 2},
                    "settings": {
                        SOURCE: settings(self.home / "source.tfstate"),
                        TARGET: settings(self.module.state),
                    },
                }
            },
            "checks": [{"kind": "http", "url": "http://127.0.0.1:9/{region}", "use": ["detect"]}],
            "policy": {"failover": {"approval": {"count": 1, "timeout": "5m"}}},
        }
        path = self.home / "llm.yaml"
        path.write_text(json.dumps(book))
        return str(path)


@asynccontextmanager
async def at_work(home: Path) -> AsyncIterator[Evac]:
    """The standby has two nodes; a worker waits."""
    module = Module(home, CAPACITY + SLOW)
    settings, _ = await module.shown("run.terraform", module.settings(variables={"standby_size": 2}))
    await _apply(module, settings)
    async with working(Evac(home, module)) as evac:
        yield evac


async def _apply(module: Module, settings: dict[str, Any]) -> None:
    await perform("run.terraform", settings, home=module.home / "before", within=60)


async def test_a_failover_scales_by_terraform_what_was_approved(tmp_path: Path) -> None:
    """Each resource is in the plan that is approved, and in what is followed; the state is as the plan said."""
    async with at_work(tmp_path) as evac:
        asked = asyncio.create_task(
            evac.run("failover", evac.runbook(), "--from", SOURCE, "--force", "--yes", "--timeout", "90s")
        )
        waiting = await evac.waiting("llm", "failover", "awaiting-approval")
        notes = waiting["plan"]["notes"]
        assert any(note.startswith("llm in eu-west-1, by Terraform: ") and "1 to replace" in note for note in notes)
        assert any('~ terraform_data.node["blue"]: input {"size": 2} -> {"size": 5}' in note for note in notes)
        _, shown = await evac.run("status", "llm")
        assert '~ terraform_data.node["blue"]: input {"size": 2} -> {"size": 5}' in shown
        code, said = await evac.run("approve", "llm", "--plan", waiting["checksum"], who="bob")
        assert code == 0, said
        code, followed = await asked
        ended = await evac.state("llm")
    assert (code, ended["outcome"]) == (0, "recovered"), followed
    assert "3 of 3: terraform_data.warm_up (0 s)" in followed
    assert evac.module.outputs()["standby_size"] == 5
    (step,) = ended["steps"]
    assert "terraform_data.warm_up" in step["result"]["after"]["seconds"]


async def test_what_was_edited_after_the_approval_is_asked_again(tmp_path: Path) -> None:
    """The step stops and says what differs; a person's `retry` approves exactly that."""
    async with at_work(tmp_path) as evac:
        asked = asyncio.create_task(
            evac.run("failover", evac.runbook(), "--from", SOURCE, "--force", "--yes", "--timeout", "90s")
        )
        waiting = await evac.waiting("llm", "failover", "awaiting-approval")
        evac.module.write(CAPACITY + SLOW + 'resource "terraform_data" "extra" {}\n')
        await evac.run("approve", "llm", "--plan", waiting["checksum"], who="bob")
        stopped = await evac.waiting("llm", "failover", "waiting-for-person")
        (step,) = stopped["steps"]
        assert "terraform_data.extra: to create, which was not shown" in step["error"]
        assert evac.module.outputs()["standby_size"] == 2
        code, said = await evac.run("retry", "llm", "--step", "scale.llm.eu-west-1", who="bob")
        assert code == 0, said
        code, followed = await asked
    assert code == 0, followed
    assert "bob approved llm in eu-west-1, by Terraform:" in followed
    assert evac.module.outputs()["standby_size"] == 5
    assert "extra." in evac.module.resources()
