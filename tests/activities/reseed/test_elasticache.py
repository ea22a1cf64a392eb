"""`reseed.elasticache`: what the conformance suite does not try."""

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.elasticache import settings_of, stand_datastore


async def test_it_waits_until_the_former_primary_is_a_secondary(aws: World) -> None:
    """A move that is under way is waited for."""
    stand_datastore(aws, "sessions")
    aws.tell("elasticache", slow=3)
    aws.client("elasticache", THERE).failover_global_replication_group(
        GlobalReplicationGroupId="ldgnf-sessions", PrimaryRegion=THERE, PrimaryReplicationGroupId="sessions-there"
    )
    upstream = settings_of(aws, "sessions", THERE)
    settings = {**settings_of(aws, "sessions", HERE), "upstream": upstream}
    result = await perform("reseed.elasticache", settings, within=20.0)
    assert result.reason == "It is a secondary of eu-west-1:sessions-there; before it was primary."


async def test_what_left_the_datastore_must_be_made_anew(aws: World) -> None:
    """ElastiCache takes only a new group into a datastore, and Evac deletes none."""
    stand_datastore(aws, "sessions")
    aws.tell("elasticache", apart=[[THERE, "sessions-there"]])
    settings = {**settings_of(aws, "sessions", THERE), "upstream": settings_of(aws, "sessions", HERE)}
    sentence = await refused("reseed.elasticache", settings, ErrorType.WRONG_STATE, within=10.0)
    assert sentence.endswith("Delete it, and create it again with that datastore.")
