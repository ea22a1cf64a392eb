"""`docs/alerts.md` can be copied from: its examples load, and every source is in it."""

import re
import textwrap
from pathlib import Path
from typing import get_args

from runbooks.alerts import AlertSource
from triggers.alerts.datadog import TEMPLATE
from triggers.serve.load import loads

TEXT = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def test_the_examples_load() -> None:
    """The whole file, and each source's own piece: together they name every source."""
    whole, *pieces = BLOCKS
    assert [endpoint.name for endpoint in loads(whole).alerts] == ["prod", "aws"]
    together = "evac-serve: 1\nrunbooks: [a.yaml]\nalerts:\n" + textwrap.indent("".join(pieces), "  ")
    assert {endpoint.source for endpoint in loads(together).alerts} == set(get_args(AlertSource))


def test_the_datadog_template_is_the_one_that_is_read() -> None:
    """What is pasted there is what the door understands."""
    assert f"```json\n{TEMPLATE}```" in TEXT
