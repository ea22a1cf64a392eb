"""`detect.event_sources`: what it tells the planner."""

from tests.activities.calls import perform
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.event_sources import stand_consumers


async def test_the_region_that_consumes_is_the_writer(aws: World) -> None:
    """The other one is a standby that lacks nothing."""
    stand_consumers(aws, "worker")
    here = await perform("detect.event_sources", aws.settings(HERE, function="worker"), within=10.0)
    there = await perform("detect.event_sources", aws.settings(THERE, function="worker"), within=10.0)
    assert (here.reason, there.reason) == (
        "Its event source mappings: 2 enabled.",
        "Its event source mappings: 2 disabled.",
    )
    assert here.reading is not None
    assert there.reading is not None
    assert (here.reading.values["role"], there.reading.values["role"]) == ("primary", "standby")
    assert (there.reading.values["streaming"], there.reading.values["lag_bytes"]) == (True, 0)
