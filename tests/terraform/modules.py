"""Root modules for tests: real Terraform, and resources that need no provider."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from runbooks.steps import StepResult
from tests.activities.calls import perform

PROGRAM = shutil.which("terraform") or shutil.which("tofu") or ""
NEEDED = pytest.mark.skipif(not PROGRAM, reason="neither terraform nor tofu is on the PATH")

CAPACITY = """
variable "standby_size" {
  type = number
}
variable "names" {
  type    = list(string)
  default = ["blue", "green"]
}
variable "secret" {
  type      = string
  default   = "none"
  sensitive = true
}
resource "terraform_data" "node" {
  for_each = toset(var.names)
  input    = { size = var.standby_size }
}
resource "terraform_data" "balancer" {
  input = terraform_data.node["blue"].id
}
output "standby_size" {
  value      = var.standby_size
  depends_on = [terraform_data.node]
}
output "secret" {
  value     = var.secret
  sensitive = true
}
"""


class Module:
    """A root module in a folder of its own, with its state in a file beside it."""

    def __init__(self, home: Path, text: str = CAPACITY) -> None:
        self.home = home
        self.folder = home / "infra"
        self.folder.mkdir(parents=True)
        self.state = home / "state" / "llm.tfstate"
        self.write(text)

    def write(self, text: str) -> None:
        """Another configuration."""
        (self.folder / "main.tf").write_text(text)

    def settings(self, **more: Any) -> dict[str, Any]:
        """Of a step."""
        backend = {"type": "local", "config": {"path": str(self.state)}}
        return {"directory": str(self.folder), "program": PROGRAM, "backend": backend, **more}

    def outputs(self) -> dict[str, Any]:
        """As the state has them, read around Evac."""
        if not self.state.exists():
            return {}
        return {name: one["value"] for name, one in json.loads(self.state.read_text())["outputs"].items()}

    def resources(self) -> list[str]:
        """What the state holds."""
        if not self.state.exists():
            return []
        found = json.loads(self.state.read_text())["resources"]
        return sorted(f"{one['name']}.{i.get('index_key', '')}" for one in found for i in one["instances"])

    async def shown(self, uses: str, settings: dict[str, Any]) -> tuple[dict[str, Any], StepResult]:
        """The settings as they are after the approval, and what the twin said before it."""
        checked = await perform(f"{uses}.check", settings, home=self.home / "evac", within=60)
        assert checked.preview is not None, checked.reason
        return {**settings, "approved": checked.preview.approved}, checked
