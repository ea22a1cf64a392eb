"""`detect.opensearch`: what it tells the planner."""

from typing import Any

from tests.activities.calls import perform
from tests.aws.world import HERE, THERE, World
from tests.conformance.specimens.opensearch import ask, follow, settings_of, stand_pair, told, write

_NAME = "vec"


async def values(aws: World, region: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """The sentence, and what the reading says; it must be of a domain that answers."""
    result = await perform("detect.opensearch", settings_of(aws, _NAME, region, **more), within=15.0)
    assert result.reading is not None
    assert result.reading.state == "healthy"
    return result.reason, dict(result.reading.values)


async def test_the_writer_knows_its_followers(aws: World) -> None:
    """By the name that the planner gives them, as long as they hold a lease on each shard; and how far it is itself."""
    stand_pair(aws, _NAME)
    reason, found = await values(aws, HERE)
    assert reason == "vectors take writes; its standbys: eu-west-1:vec-there (streaming)."
    assert (found["role"], found["read_only"], found["position"]) == ("primary", False, 5)
    assert found["standbys"]["eu-west-1:vec-there"]["state"] == "streaming"


async def test_who_follows_not_every_index_does_not_stream(aws: World) -> None:
    """The connection alone is no replication."""
    stand_pair(aws, _NAME)
    write(aws, _NAME, HERE, "1", "prompts")
    _, found = await values(aws, HERE, indices=["vectors", "prompts"])
    assert found["standbys"]["eu-west-1:vec-there"]["state"] == "does not follow prompts"


async def test_a_standby_that_has_everything(aws: World) -> None:
    """It is as far as its writer."""
    stand_pair(aws, _NAME)
    reason, found = await values(aws, THERE)
    assert reason == "It is a standby; it has everything."
    assert (found["role"], found["streaming"], found["lag_seconds"], found["position"]) == ("standby", True, 0.0, 5)


async def test_a_standby_that_lags_is_measured(aws: World) -> None:
    """Until it has what its leader had at the first look."""
    stand_pair(aws, _NAME)
    told(aws, _NAME, THERE, indices={"vectors": {"looks": 3}})
    write(aws, _NAME, HERE, "new")
    reason, found = await values(aws, THERE)
    assert reason.startswith("It is a standby; what it lacked came within ")
    assert 0 < found["lag_seconds"] < 5


async def test_a_standby_that_does_not_get_on_is_not_measured(aws: World) -> None:
    """Unknown is never green."""
    stand_pair(aws, _NAME)
    told(aws, _NAME, THERE, indices={"vectors": {"looks": 9999}})
    write(aws, _NAME, HERE, "new")
    reason, found = await values(aws, THERE)
    assert reason == "It is a standby; how far it is behind is not known."
    assert (found["lag_seconds"], found["lag_bytes"], found["last_commit_at"]) == (None, None, None)


async def test_with_the_leader_dead_nothing_is_known_of_the_lag(aws: World) -> None:
    """The plugin answers HTTP 500: it is a standby all the same, at a position that can be compared."""
    stand_pair(aws, _NAME)
    told(aws, _NAME, HERE, dead=True)
    reason, found = await values(aws, THERE)
    assert reason == "It is a standby; how far it is behind is not known."
    assert (found["role"], found["streaming"], found["lag_seconds"], found["position"]) == ("standby", False, None, 5)


async def test_a_halted_follower_counts_for_nothing(aws: World) -> None:
    """It is said why, and its position is not taken for a good one."""
    stand_pair(aws, _NAME)
    told(aws, _NAME, THERE, indices={"vectors": {"state": "PAUSED", "reason": "AutoPaused: lease expired"}})
    reason, found = await values(aws, THERE)
    assert "vectors is PAUSED: AutoPaused: lease expired" in reason
    assert (found["streaming"], found["position"]) == (False, 0)


async def test_an_index_that_takes_writes_makes_a_writer(aws: World) -> None:
    """Half promoted, or created by a client: the single-writer probe must count it."""
    stand_pair(aws, _NAME)
    write(aws, _NAME, THERE, "stray", "prompts")
    reason, found = await values(aws, THERE, indices=["vectors", "prompts"])
    assert reason.startswith("prompts take writes; vectors follow another domain;")
    assert (found["role"], found["read_only"]) == ("primary", False)


async def test_what_a_snapshot_took_along_is_no_follower(aws: World) -> None:
    """A restored index has the setting of one, and nothing keeps clients from writing to it."""
    stand_pair(aws, _NAME)
    told(aws, _NAME, HERE, indices={"vectors": {"restored": True}})
    _, found = await values(aws, HERE)
    assert (found["role"], found["read_only"]) == ("primary", False)


async def test_an_explicit_index_that_is_missing_is_told(aws: World) -> None:
    """A standby without it would not take over everything."""
    stand_pair(aws, _NAME, "vectors", "prompts")
    ask(aws, _NAME, THERE, "POST /_plugins/_replication/prompts/_stop", {})
    ask(aws, _NAME, THERE, "DELETE /prompts")
    reason, found = await values(aws, THERE, indices=["vectors", "prompts"])
    assert reason.startswith("It is a standby; prompts is not there;")
    assert found["streaming"] is False
    follow(aws, _NAME, THERE, "prompts")
    assert (await values(aws, THERE, indices=["vectors", "prompts"]))[1]["streaming"] is True


async def test_a_resolver_that_does_not_know_the_domain_speaks_of_itself(aws: World) -> None:
    """The region is unknown then, and not down."""
    stand_pair(aws, _NAME)
    settings = settings_of(aws, _NAME, HERE, url="https://vectors.invalid")
    result = await perform("detect.opensearch", settings, within=15.0)
    assert result.reading is not None
    assert result.reading.state == "unknown"
    assert result.reason.startswith("This worker's resolver has no address of vectors.invalid")
