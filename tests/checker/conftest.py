"""Lanes for this folder's tests, and what the campaigns tell the last lines of the output (`tests/conftest.py`)."""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from tests.checker.campaign import Campaign
from tests.checker.play import Played
from tests.checker.report import counted
from tests.checker.stage import Lane, lanes

LANES, FORGETFUL = 3, 1


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def made() -> AsyncIterator[list[Lane]]:
    """Lanes for the tests of one file."""
    async with lanes(LANES, FORGETFUL) as found:
        yield found


@pytest.fixture
def covered(record_property: Callable[[str, object], None]) -> Callable[[list[Played]], None]:
    """Tell how many interleavings were played, for the table at the end."""

    def tell(played: list[Played]) -> None:
        counts = [[*key, number] for key, number in counted(played).items()]
        record_property("interleavings", counts)

    return tell


@pytest.fixture
def campaign(made: list[Lane]) -> Campaign:
    """Plays in these lanes."""
    return Campaign(made)
