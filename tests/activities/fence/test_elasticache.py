"""`fence.elasticache`: what is proved, and what is not."""

from tests.activities.calls import perform
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.elasticache import settings_of, stand_datastore


async def test_what_is_in_no_datastore_is_not_proved(aws: World) -> None:
    """AWS would not demote it."""
    stand_datastore(aws, "sessions")
    aws.tell("elasticache", apart=[[HERE, "sessions-here"]])
    result = await perform("fence.elasticache", settings_of(aws, "sessions", HERE), within=10.0)
    assert result.proved is False
    assert result.reason == (
        "It takes writes, and is not in the Global Datastore ldgnf-sessions: nothing that Evac can do stops them. "
        "Stop its clients. Decision 7 was noted."
    )


async def test_a_secondary_takes_no_writes(aws: World) -> None:
    """Then nothing is left to be done but to note the decision."""
    stand_datastore(aws, "sessions")
    result = await perform("fence.elasticache", settings_of(aws, "sessions", THERE), within=10.0)
    assert (result.proved, result.reason) == (True, "It takes no writes: it is a secondary. Decision 7 was noted.")
