import asyncio

from lab.topology import Lab
from tests.activities.calls import ACTIVE, STANDBY, perform, queue
from tests.activities.publishing import application, mirrored, publish, published


async def test_a_mirror_holds_the_same(queues: Lab) -> None:
    """Every sequence, twice alike; more messages than one batch."""
    await published(queues, ACTIVE, *(str(n) for n in range(700)))
    settings = queue(queues, STANDBY, follows=ACTIVE)
    first, second = [await perform("compare.nats", settings, within=10) for _ in range(2)]
    assert (first.changed, first.proved, first.after["equal"], first.after["different"]) == (False, True, 700, 0)
    assert first.reason == second.reason == "Both hold the same 700 messages, sequences 1 to 700."


async def test_a_primary_that_goes_on_is_no_difference(queues: Lab) -> None:
    """Messages that come while both are read are in neither's comparison."""
    settings = queue(queues, STANDBY, follows=ACTIVE)
    async with application(queues, ACTIVE) as client:
        publishing = asyncio.create_task(publish(client, *(str(n) for n in range(3000))))
        while not publishing.done():
            result = await perform("compare.nats", settings, within=10)
            assert (result.proved, result.after["different"]) == (True, 0)
        await publishing


async def test_an_empty_stream_is_the_same_as_another(queues: Lab) -> None:
    """There is nothing that could differ."""
    assert (await perform("compare.nats", queue(queues, STANDBY, follows=ACTIVE))).proved is True


async def test_two_writers_have_drifted_apart(queues: Lab) -> None:
    """The sequences that differ are named, and that one has more than the other is a difference too."""
    await published(queues, ACTIVE, "one")
    await mirrored(queues, STANDBY, 1)
    await perform("fence.nats", queue(queues, ACTIVE))
    fence = await perform("promote.nats", queue(queues, STANDBY))
    await published(queues, STANDBY, "two", "three")
    settings = queue(queues, ACTIVE, follows=STANDBY)
    behind = await perform("compare.nats", settings)
    assert (behind.proved, "at sequence 1, and its upstream at 3" in behind.reason) == (False, True)
    await perform("fence.nats", queue(queues, STANDBY))
    await perform("fence.nats.undo", queue(queues, ACTIVE), before=fence.before)
    await published(queues, ACTIVE, "other", "three")
    differ = await perform("compare.nats", settings)
    assert (differ.proved, differ.after["different"], differ.after["sequences"]) == (False, 1, [2])
