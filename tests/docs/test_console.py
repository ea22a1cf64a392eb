"""`docs/console.md` can be copied from: its examples load."""

import re
from pathlib import Path

from triggers.serve.load import loads

TEXT = (Path(__file__).parents[2] / "docs" / "console.md").read_text()


def test_the_examples_load() -> None:
    """One for this machine, and one for people who log in."""
    found = [loads(block).console for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
    assert [(one.open, one.oidc is not None) for one in found if one is not None] == [(True, False), (False, True)]
