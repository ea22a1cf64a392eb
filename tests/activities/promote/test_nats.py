from lab.regions import kill
from lab.topology import Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, queue, refused
from tests.activities.publishing import mirrored, published, stream


async def test_a_mirror_takes_messages_after_its_origin_died(queues: Lab) -> None:
    """The next message gets the next sequence, a known id is a duplicate; doing it again changes nothing."""
    await published(queues, ACTIVE, "one", "two")
    await mirrored(queues, STANDBY, 2)
    await kill(queues, ACTIVE)
    result = await perform("promote.nats", queue(queues, STANDBY))
    assert (result.changed, result.before["role"], result.after["role"]) == (True, "standby", "primary")
    assert result.after["epoch"] == EPOCH
    assert await published(queues, STANDBY, "three", "two", "four") == [3, 2, 4]
    again = await perform("promote.nats", queue(queues, STANDBY))
    assert (again.changed, "primary already" in again.reason) == (False, True)
    now = await stream(queues, STANDBY)
    assert (now.epoch, now.promotions) == (EPOCH, ((EPOCH, 2),))


async def test_a_planned_promotion_must_have_everything(queues: Lab) -> None:
    """Of a primary that is fenced: one that still takes messages is refused, and so is a mirror that is behind."""
    settings = queue(queues, STANDBY, follows=ACTIVE)
    sentence = await refused("promote.nats", settings, ErrorType.WRONG_STATE)
    assert "fence it first" in sentence
    (last,) = await published(queues, ACTIVE, "one")
    await perform("fence.nats", queue(queues, ACTIVE))
    await mirrored(queues, STANDBY, last)
    assert (await perform("promote.nats", settings)).changed is True


async def test_a_fenced_former_primary_is_not_promoted(queues: Lab) -> None:
    """It may lack what was published since: it must be reseeded."""
    await perform("fence.nats", queue(queues, ACTIVE))
    sentence = await refused("promote.nats", queue(queues, ACTIVE), ErrorType.WRONG_STATE)
    assert "reseed it" in sentence
