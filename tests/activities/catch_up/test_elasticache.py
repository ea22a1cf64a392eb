"""`catch_up.elasticache`: what the conformance suite does not try."""

from runbooks.steps import ErrorType
from tests.activities.calls import refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.elasticache import settings_of, stand_datastore


async def test_an_unknown_lag_is_not_near(aws: World) -> None:
    """No metric is no proof."""
    stand_datastore(aws, "sessions")
    settings = {**settings_of(aws, "sessions", THERE), "upstream": settings_of(aws, "sessions", HERE)}
    sentence = await refused("catch_up.elasticache", settings, ErrorType.NOT_YET, within=3.0)
    assert sentence == (
        "How far eu-west-1:sessions-there is behind is not known, and 5 s would do: look at the metric "
        "GlobalDatastoreReplicationLag."
    )
