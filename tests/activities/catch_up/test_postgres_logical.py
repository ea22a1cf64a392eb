"""Waiting for a subscriber."""

import asyncio

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.postgres_logical.world import AWAY, HOME, Twins


async def test_it_has_everything_of_the_moment_when_it_began(twins: Twins) -> None:
    """What was committed before is applied when the step is done."""
    await twins.ask(HOME, "INSERT INTO written (word) SELECT n::text FROM generate_series(1, 20000) n", "app")
    result = await perform("catch_up.postgres_logical", twins.settings(AWAY, HOME, exact=True), within=30)
    assert result.reason.startswith("Everything that ")
    assert await twins.ask(AWAY, "SELECT count(*) FROM written") == [(20001,)]


async def test_who_does_not_follow_for_now_is_waited_for_and_said_to_be_late(twins: Twins) -> None:
    """With how much is missing, and what is in the way; and when it is mended meanwhile the step ends well."""
    await twins.ask(AWAY, f"ALTER SUBSCRIPTION {twins.name} DISABLE")
    await twins.write(HOME, "late")
    settings = twins.settings(AWAY, HOME, exact=True)
    sentence = await refused("catch_up.postgres_logical", settings, ErrorType.NOT_YET, within=0.5)
    assert "bytes behind" in sentence
    assert sentence.endswith("Its subscription is disabled.")
    waiting = asyncio.create_task(perform("catch_up.postgres_logical", settings, within=30))
    await twins.ask(AWAY, f"ALTER SUBSCRIPTION {twins.name} ENABLE")
    assert (await waiting).proved
    assert await twins.words(AWAY) == ["first", "late"]


async def test_a_table_that_is_not_subscribed_to_is_told_beforehand(twins: Twins) -> None:
    """One that nobody publishes, one that was not taken up, and one without a key: each would be lost, or fail."""
    for region in (HOME, AWAY):
        await twins.ask(region, "CREATE TABLE taken (n int); CREATE TABLE unpublished (n int PRIMARY KEY)")
        await twins.ask(region, f"ALTER TABLE taken OWNER TO {twins.name}_owner")
    await twins.ask(HOME, f"ALTER PUBLICATION {twins.name} ADD TABLE taken; ALTER TABLE written ADD extra text")
    checked = await perform("catch_up.postgres_logical.check", twins.settings(AWAY, HOME))
    assert not checked.proved
    assert checked.reason == (
        "Tables that are in no publication, and would be lost: public.unpublished. "
        "Tables that are published, but not subscribed to here: public.taken. "
        "Tables that are without a replica identity: updates of them fail: public.taken. "
        "public.written lacks the columns extra: what is copied stops there."
    )
    left_out = twins.settings(AWAY, HOME)
    left_out["upstream"]["not_copied"] = ["public.unpublished"]
    checked = await perform("catch_up.postgres_logical.check", left_out)
    assert "public.unpublished" not in checked.reason
