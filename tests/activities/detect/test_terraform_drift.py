"""What was changed behind Terraform's back; resources of a cloud are in tests/terraform/test_on_aws.py."""

from pathlib import Path

from tests.activities.calls import perform
from tests.terraform.modules import NEEDED, Module

pytestmark = NEEDED
_TEXT = """
data "terraform_remote_state" "other" {
  backend = "local"
  config  = { path = "OTHER" }
}
output "standby_size" { value = data.terraform_remote_state.other.outputs.standby_size }
"""


async def test_drift_is_named_from_what_to_what(tmp_path: Path) -> None:
    """As applied: healthy. Changed elsewhere: unhealthy, with what is and what was. Nothing is written."""
    other = Module(tmp_path / "other")
    await _size(other, 2)
    module = Module(tmp_path / "it", _TEXT.replace("OTHER", str(other.state)))
    settings, _ = await module.shown("run.terraform", module.settings())
    await perform("run.terraform", settings, home=tmp_path, within=60)
    state = module.state.read_text()
    good = await perform("detect.terraform_drift", module.settings(), home=tmp_path, within=60)
    await _size(other, 5)
    bad = await perform("detect.terraform_drift", module.settings(), home=tmp_path, within=60)
    assert good.reason == f"Everything of {module.folder} is as it was applied."
    assert bad.reason == f"1 of {module.folder} are not as they were applied: ~ output.standby_size: value 2 -> 5."
    assert [result.reading and result.reading.state for result in (good, bad)] == ["healthy", "unhealthy"]
    assert module.state.read_text() == state


async def _size(module: Module, replicas: int) -> None:
    settings, _ = await module.shown("scale.terraform", module.settings(replicas=replicas))
    await perform("scale.terraform", settings, home=module.home / "evac", within=60)
