"""Terraform with its state in S3: AWS's front bends the way there. Its resources need no provider."""

import json
from typing import Any

import pytest

from runbooks.steps import ErrorType
from tests.activities.calls import perform
from tests.aws.world import HERE
from tests.conformance.specimen import OnAws, Settings
from tests.terraform.modules import CAPACITY, PROGRAM

_DRIFTS = """
data "terraform_remote_state" "other" {
  backend = "local"
  config  = { path = "%s" }
}
output "standby_size" { value = 2 }
output "other" { value = data.terraform_remote_state.other.outputs.v }
"""
_OTHER = (
    '{"version":4,"terraform_version":"1.5.0","serial":%d,"lineage":"a","resources":[],'
    '"outputs":{"v":{"value":%d,"type":"number"}}}'
)
_AGAIN = (ErrorType.BUSY, ErrorType.UNREACHABLE)
"""A busy machine can cut the way to the state for a moment."""


class _Terraform(OnAws):
    async def stand(self) -> Settings:
        """A state of two nodes, by an apply of its own."""
        settings = self.module(CAPACITY)
        await self.applied({**settings, "replicas": 2}, "scale.terraform")
        return settings

    def module(self, text: str) -> Settings:
        """A root module, and a bucket for its state."""
        if not PROGRAM:
            pytest.skip("neither terraform nor tofu is on the PATH")
        folder = self.home / "infra"
        folder.mkdir()
        (folder / "main.tf").write_text(text)
        self.aws.client("s3", HERE).create_bucket(Bucket=self.name)
        backend = {
            "bucket": self.name,
            "key": "llm.tfstate",
            "region": HERE,
            "endpoints": {"s3": self.aws.url, "sts": self.aws.url, "iam": self.aws.url},
            "use_path_style": True,
            "use_lockfile": True,
            "skip_requesting_account_id": True,
            "max_retries": 2,
        }
        return {"directory": str(folder), "program": PROGRAM, "backend": {"type": "s3", "config": backend}}

    async def applied(self, settings: Settings, uses: str) -> None:
        """As a run before did, in the home of another worker."""
        other = self.home / "other-worker"
        checked = await perform(f"{uses}.check", settings, home=other, within=60, again=_AGAIN)
        assert checked.preview is not None, checked.reason
        await perform(uses, {**settings, "approved": checked.preview.approved}, home=other, within=60, again=_AGAIN)

    async def shown(self, settings: Settings) -> Settings:
        """With what the approvers were shown."""
        checked = await perform(f"{self.uses}.check", settings, home=self.home, within=60, again=_AGAIN)
        assert checked.preview is not None, checked.reason
        return {**settings, "approved": checked.preview.approved}

    def bend(self, mode: str, match: str = "*", times: int | None = None) -> None:
        """The answer that is lost is the state's: one that is lost for a lock leaves it locked until a person looks."""
        self.aws.bend(match, mode, times, after=1 if mode == "lose" else 0)

    async def effect(self) -> Any:
        """The state, but for its serial."""
        body = self.aws.client("s3", HERE).get_object(Bucket=self.name, Key="llm.tfstate")["Body"].read()
        return {name: value for name, value in json.loads(body).items() if name != "serial"}

    async def absent(self, settings: Settings) -> Settings:
        """A workspace that was never made."""
        return {**settings, "workspace": "none"}


class ScaleTerraform(_Terraform):
    """From two nodes to five."""

    uses = "scale.terraform"

    async def stand(self) -> Settings:
        """With the size that is wanted, and what was shown of it."""
        return await self.shown({**await super().stand(), "replicas": 5})

    async def spoil(self, settings: Settings) -> Settings:
        """A node would be deleted."""
        return {**settings, "variables": {"names": ["blue"]}}


class RunTerraform(_Terraform):
    """Two more nodes."""

    uses = "run.terraform"

    async def stand(self) -> Settings:
        """With other names."""
        names = {"names": ["blue", "green", "red", "white"], "standby_size": 2}
        return await self.shown({**await super().stand(), "variables": names})

    async def spoil(self, settings: Settings) -> Settings:
        """Nodes would be deleted."""
        return {**settings, "variables": {"names": ["blue"], "standby_size": 2}}


class DetectTerraform(_Terraform):
    """A look at the state."""

    uses = "detect.terraform"

    async def spoil(self, settings: Settings) -> Settings:
        """The state is broken."""
        self.aws.client("s3", HERE).put_object(Bucket=self.name, Key="llm.tfstate", Body=b"{ no state")
        return settings


class DetectTerraformDrift(_Terraform):
    """A look at what somebody else has changed: the outputs of another state, without a provider."""

    uses = "detect.terraform_drift"
    spoiled = ErrorType.WRONG_STATE

    async def stand(self) -> Settings:
        """As it was applied."""
        (self.home / "other.tfstate").write_text(_OTHER % (1, 1))
        settings = self.module(_DRIFTS % (self.home / "other.tfstate"))
        await self.applied(settings, "run.terraform")
        return settings

    async def spoil(self, settings: Settings) -> Settings:
        """It is another one now."""
        (self.home / "other.tfstate").write_text(_OTHER % (2, 2))
        return settings
