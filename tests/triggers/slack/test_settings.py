"""The section `slack:` of the server's file."""

import pytest

from runbooks.faults import RunbookError
from triggers.serve.load import loads

FILE = """evac-serve: 1
runbooks: ["*.yaml"]
slack:
  bot_token: env://SLACK_BOT_TOKEN
  app_token: env://SLACK_APP_TOKEN
  groups: [S0123]
  may_start: [ann, slack-group:S0999]
"""


def test_a_group_that_is_not_asked_for_can_let_nobody_start() -> None:
    """It is a fault, at its place, and not a door that nobody can open."""
    with pytest.raises(RunbookError) as caught:
        loads(FILE)
    (fault,) = caught.value.faults
    assert (fault.line, fault.sentence) == (7, "nobody can be proved to be in slack-group:S0999: add S0999 to `groups`")
    assert loads(FILE.replace("S0999", "S0123")).slack is not None
