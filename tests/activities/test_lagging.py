import pytest

from activities.lagging import moment_of_fence


@pytest.mark.parametrize(("at", "kept"), [(100.0, 100), (100.001, 101), (100.4, 101), (100.6, 101)])
def test_a_fence_is_never_said_to_have_been_up_before_it_was(at: float, kept: int) -> None:
    """A write of the moment between would pass as copied by a measurement that is older than it."""
    assert kept == moment_of_fence(at)
