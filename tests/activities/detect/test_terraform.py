"""How large what Terraform holds is; the rest is in the conformance suite."""

from pathlib import Path

from runbooks.facts import ProcessValues
from tests.activities.calls import perform
from tests.terraform.modules import NEEDED, Module

pytestmark = NEEDED


async def test_a_state_tells_its_size(tmp_path: Path) -> None:
    """Nothing applied is 0; then what was applied. The configuration is not even read."""
    module = Module(tmp_path)
    before = await perform("detect.terraform", module.settings(), home=tmp_path, within=10)
    settings, _ = await module.shown("scale.terraform", module.settings(replicas=3))
    await perform("scale.terraform", settings, home=tmp_path, within=60)
    module.write("this is no HCL")
    after = await perform("detect.terraform", module.settings(), home=tmp_path, within=10)
    assert before.reading is not None
    assert after.reading is not None
    assert ProcessValues.model_validate(before.reading.values) == ProcessValues(desired=0, ready=0)
    assert ProcessValues.model_validate(after.reading.values) == ProcessValues(desired=3, ready=3)
    assert after.reading.state == "healthy"
