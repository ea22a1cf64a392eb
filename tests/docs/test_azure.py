"""docs/azure.md: its examples are valid, in the small runbook of the tests."""

import re
from pathlib import Path

from runbooks.load import loads
from tests.runbooks.documents import spoilt

PAGE = (Path(__file__).parents[2] / "docs" / "azure.md").read_text()


def test_its_examples_are_valid() -> None:
    """The resources, as they stand."""
    blocks = [block.partition("\n")[2] for block in re.findall(r"```yaml\n(resources:.*?)```", PAGE, re.DOTALL)]
    book = loads(spoilt(("resources:\n", f"resources:\n{''.join(blocks)}"))).runbook
    assert book.resources["standby"].kind == "azure_deployment"
    assert len(book.settings_of("llm", "eu-west-1")["ladder"]) == 2  # type: ignore[arg-type] - plain data
    assert [book.kind_of("llm-anywhere", region) for region in book.regions] == ["autoscaling", "vmss"]


def test_its_checks_and_steps_are_valid() -> None:
    """With what they say of each region."""
    (block,) = re.findall(r"```yaml\n(checks:.*?)```", PAGE, re.DOTALL)
    checks, _, steps = block.partition("steps:\n")
    where = "subscription: 11111111-2222-3333-4444-555555555555, azure:"
    text = spoilt(
        ("vars: {site: use1}", f"vars: {{site: use1, {where} eastus}}"),
        ("vars: {site: euw1}", f"vars: {{site: euw1, {where} westeurope}}"),
        ("checks:\n", f"steps:\n{steps}{checks}"),
    )
    book = loads(text).runbook
    assert [check.kind for check in book.checks][:3] == [
        "azure_service_health",
        "azure_resource_health",
        "azure_monitor",
    ]
    assert [step.uses for step in book.steps] == ["run.azure_automation", "run.site_recovery"]
