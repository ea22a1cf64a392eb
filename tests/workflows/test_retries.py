"""The table of bounds."""

from runbooks.steps import Verb
from workflows.retries import PATIENCE


def test_every_verb_has_its_bounds() -> None:
    """A verb without bounds would fail the workflow task again and again."""
    assert set(Verb) == set(PATIENCE)
