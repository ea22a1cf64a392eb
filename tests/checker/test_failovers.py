"""Every failover, interrupted at its borders: never two writers, nothing lost unsaid, nobody left waiting."""

from collections.abc import Callable

import pytest

from tests.checker.campaign import Campaign, budget_of, undisturbed
from tests.checker.play import ABANDONED, Played
from tests.checker.script import Case

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300), ABANDONED]

UNPLAYED = 0.1
"""The test server fails now and then; what could not be played is counted, and must be little."""
BUDGET, WALKS, SEED = 22, 4, 1


@pytest.mark.parametrize("base", undisturbed(only_procedures=["failover"]), ids=lambda case: case.title)
async def test_nothing_that_must_never_be(
    base: Case, campaign: Campaign, covered: Callable[[list[Played]], None]
) -> None:
    """Whatever fails, hangs, dies, comes late, comes twice or is said, each rule holds of the run."""
    played = await campaign.sweep(base, budget_of(base, BUDGET), SEED, WALKS)
    covered(played)
    assert sum(bool(one.unplayed) for one in played) <= len(played) * UNPLAYED
    violated = [one for one in played if one.findings]
    assert not violated, (await campaign.shortest(violated[0])).story()
