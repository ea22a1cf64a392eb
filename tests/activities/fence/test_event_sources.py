"""`fence.event_sources`: what the conformance suite does not try."""

from tests.activities.calls import perform
from tests.aws.world import HERE, World
from tests.conformance.specimens.event_sources import stand_consumers, states


async def test_what_was_off_stays_off_when_it_is_undone(aws: World) -> None:
    """Also when the answer of the fence was lost: each mapping has kept who switched it off."""
    stand_consumers(aws, "worker")
    shown = aws.client("lambda").list_event_source_mappings(FunctionName="worker")["EventSourceMappings"]
    aws.tell("lambda", takes=0.0)
    aws.client("lambda").update_event_source_mapping(UUID=shown[0]["UUID"], Enabled=False)
    settings = aws.settings(HERE, function="worker")
    await perform("fence.event_sources", settings, within=10.0)
    assert states(aws, "worker", HERE) == ["Disabled", "Disabled"]
    await perform("fence.event_sources.undo", settings, before={}, within=10.0)
    assert states(aws, "worker", HERE) == ["Disabled", "Enabled"]


async def test_only_the_sources_that_are_meant(aws: World) -> None:
    """Others of the function go on."""
    stand_consumers(aws, "worker")
    shown = aws.client("lambda").list_event_source_mappings(FunctionName="worker")["EventSourceMappings"]
    settings = aws.settings(HERE, function="worker", sources=[shown[1]["EventSourceArn"]])
    await perform("fence.event_sources", settings, within=10.0)
    assert states(aws, "worker", HERE) == ["Enabled", "Disabled"]
