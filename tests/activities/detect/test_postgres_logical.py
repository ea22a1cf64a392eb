"""What is seen of a database of logical replication, from both ends."""

from typing import Any

from tests.activities.calls import perform
from tests.lab.started import until
from tests.postgres_logical.world import AWAY, HOME, Twins


async def seen(twins: Twins, region: str) -> tuple[str, dict[str, Any]]:
    """The sentence and the values."""
    result = await perform("detect.postgres_logical", twins.settings(region))
    assert result.reading is not None
    assert result.reading.state == "healthy"
    return result.reading.reason, result.reading.values


async def test_both_ends_tell_their_role_and_how_far_they_are(twins: Twins) -> None:
    """The subscriber's position is the primary's own, once it has everything; the primary knows it by its slot."""

    async def level() -> bool:
        (_, primary), (_, standby) = await seen(twins, HOME), await seen(twins, AWAY)
        return bool(standby["position"] >= primary["position"] and primary["standbys"][twins.name]["lag_bytes"] == 0)

    await until(level)
    (said, primary), (told, standby) = await seen(twins, HOME), await seen(twins, AWAY)
    assert (said, told) == ("It is primary with 1 subscriber.", "It follows, with 2 tables.")
    assert (primary["role"], primary["read_only"]) == ("primary", False)
    assert (standby["role"], standby["streaming"]) == ("standby", True)
    assert primary["standbys"][twins.name]["state"] == "streaming"


async def test_when_the_newest_row_was_written_is_known_whatever_else_the_server_does(twins: Twins) -> None:
    """By the primary's own clock; what the subscriber commits itself is not meant."""
    (before,) = await twins.ask(HOME, "SELECT extract(epoch FROM clock_timestamp())::float8")
    await twins.write(HOME, "the newest")
    (after,) = await twins.ask(HOME, "SELECT extract(epoch FROM clock_timestamp())::float8")
    await twins.copied(HOME, AWAY)
    await twins.ask(AWAY, "ANALYZE written")
    _, values = await seen(twins, AWAY)
    assert before[0] <= values["last_commit_at"] <= after[0]


async def test_a_row_that_stops_what_is_copied_is_told(twins: Twins) -> None:
    """Somebody has written on the subscriber: nothing of the primary arrives any more, and both ends say so."""
    await twins.ask(AWAY, "INSERT INTO written VALUES (2, 'mine')")
    await twins.write(HOME, "yours")

    async def told() -> bool:
        reason, values = await seen(twins, AWAY)
        return "failed: its log says why" in reason and not values["streaming"]

    await until(told)


async def test_a_slot_that_nobody_reads_is_told(twins: Twins) -> None:
    """It keeps log on the primary's disk, until that is full."""
    await twins.ask(AWAY, f"ALTER SUBSCRIPTION {twins.name} DISABLE")

    async def told() -> bool:
        reason, values = await seen(twins, HOME)
        return f"Nobody reads the slot {twins.name}" in reason and values["standbys"][twins.name]["state"] == "inactive"

    await until(told)
    reason, values = await seen(twins, AWAY)
    assert (reason, values["streaming"]) == ("Its subscription is disabled.", False)


async def test_two_writers_are_told(twins: Twins) -> None:
    """Applications can log in where it follows: it is a primary, too, and the sentence names who."""
    await twins.ask(AWAY, f"ALTER ROLE {twins.name}_app LOGIN", "admin")
    reason, values = await seen(twins, AWAY)
    assert f"and {twins.name}_app can write here: two writers." in reason
    assert (values["role"], values["read_only"]) == ("primary", False)


async def test_how_far_it_was_applied_outlives_its_upstream(twins: Twins) -> None:
    """With the right to ask for it: the position is there while nothing is received."""
    await twins.ask(
        AWAY, f"GRANT EXECUTE ON FUNCTION pg_replication_origin_progress(text, boolean) TO {twins.name}_admin"
    )
    await twins.write(HOME, "more")
    await twins.copied(HOME, AWAY)
    await twins.ask(AWAY, f"ALTER SUBSCRIPTION {twins.name} DISABLE")

    async def alone() -> bool:
        return not (await seen(twins, AWAY))[1]["streaming"]

    await until(alone)
    assert (await seen(twins, AWAY))[1]["position"] > 0
