"""docs/capacity.md: its examples are valid, in the small runbook of the tests."""

import re
from pathlib import Path

from runbooks.load import loads
from tests.runbooks.documents import spoilt

PAGE = (Path(__file__).parents[2] / "docs" / "capacity.md").read_text()


def test_its_examples_are_valid() -> None:
    """The resource and the checks, as they stand."""
    resources, checks = (block.partition("\n")[2] for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
    targets = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/{}/0123456789abcdef"
    text = spoilt(
        ("resources:\n", f"resources:\n{resources}"),
        ("checks:\n", f"checks:\n{checks}"),
        ("site: use1", f'site: use1, targets: "{targets.format("use1")}"'),
        ("site: euw1", f'site: euw1, targets: "{targets.format("euw1")}"'),
    )
    book = loads(text).runbook
    assert len(book.settings_of("llm", "eu-west-1")["ladder"]) == 4  # type: ignore[arg-type] - plain data
    assert [check.kind for check in book.checks[:3]] == ["target_group", "cloudwatch", "aws_health"]
