"""What checks are given: the settings of what they ask, in each region."""

import pytest

from runbooks.load import loads
from runbooks.probes import checks
from tests.runbooks.documents import SMALL

DATABASE = """
  db:
    kind: KIND
    settings:
      us-east-1: {host: a, OWN}
      eu-west-1: {host: b, OWN}
  web:"""


@pytest.mark.parametrize(
    ("kind", "own", "sslmode"),
    [
        ("postgres", "user: evac", None),
        ("postgres_logical", "writers: [app]", "require"),
        ("postgres_logical", "writers: [app], sslmode: verify-full", "verify-full"),
    ],
)
def test_a_row_is_written_on_the_way_that_the_kind_takes(kind: str, own: str, sslmode: str | None) -> None:
    """A kind that insists on encryption does so for a check, too; where the runbook says how, so it is."""
    before, after = SMALL.index("\n  db:"), SMALL.index("\n  web:")
    text = SMALL[:before] + DATABASE.replace("KIND", kind).replace("OWN", own) + SMALL[after + len("\n  web:") :]
    (probe,) = (one for one in checks(loads(text).runbook, "us-east-1", "verify") if one.technology == "sql")
    assert probe.settings.get("sslmode") == sslmode
