import asyncio

from activities.clients.nats import connected
from activities.secrets import Secrets
from lab.processes import Processes
from lab.regions import heal, kill
from lab.switches import Switches
from lab.topology import QUEUE, Lab
from runbooks.kinds import NatsSettings
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, queue, refused
from tests.activities.publishing import linked, mirrored, published, stream


async def test_a_former_primary_follows_its_successor(queues: Lab) -> None:
    """It has everything that was published since; again there is nothing to do."""
    await published(queues, ACTIVE, "one")
    await mirrored(queues, STANDBY, 1)
    await perform("fence.nats", queue(queues, ACTIVE))
    await perform("promote.nats", queue(queues, STANDBY))
    await published(queues, STANDBY, "two", "three")
    settings = queue(queues, ACTIVE, follows=STANDBY)
    result = await perform("reseed.nats", settings)
    assert (result.changed, "up to sequence 3" in result.reason) == (True, True)
    assert (await perform("reseed.nats", settings)).changed is False
    assert (await perform("compare.nats", settings)).proved is True
    former, successor = await stream(queues, ACTIVE), await stream(queues, STANDBY)
    assert (former.role, former.epoch, former.promotions) == ("standby", EPOCH, successor.promotions)


async def test_and_back_home_again(queues: Lab) -> None:
    """Fence, catch up, promote and reseed the other way: no message is missing, in either region."""
    await published(queues, ACTIVE, "one")
    for epoch, here, there in ((7, ACTIVE, STANDBY), (8, STANDBY, ACTIVE)):
        await perform("fence.nats", queue(queues, here), epoch=epoch)
        await perform("catch_up.nats", queue(queues, there, follows=here, exact=True), epoch=epoch)
        await perform("promote.nats", queue(queues, there, follows=here), epoch=epoch)
        await published(queues, there, f"in {there}")
        await perform("reseed.nats", queue(queues, here, follows=there), epoch=epoch)
    home = await stream(queues, ACTIVE)
    assert (home.role, home.last, home.promotions) == ("primary", 3, ((7, 1), (8, 2)))
    assert (await perform("compare.nats", queue(queues, STANDBY, follows=ACTIVE), epoch=8)).proved is True


async def test_half_a_reseed_is_finished(queues: Lab) -> None:
    """A worker died between the deletion and the new mirror."""
    await perform("fence.nats", queue(queues, ACTIVE))
    await perform("promote.nats", queue(queues, STANDBY))
    await published(queues, STANDBY, "one")
    settings = queue(queues, ACTIVE, follows=STANDBY)
    former = NatsSettings.model_validate(queue(queues, ACTIVE))
    async with connected(former, Secrets()) as jet:
        await jet.api(f"STREAM.DELETE.{former.stream}")
    assert (await perform("reseed.nats", settings)).changed is True
    assert (await stream(queues, ACTIVE)).last == 1


async def test_what_takes_messages_is_not_deleted(queues: Lab) -> None:
    """Nor is anything made the mirror of what takes none, nor by a stale decision."""
    await perform("promote.nats", queue(queues, STANDBY))
    sentence = await refused("reseed.nats", queue(queues, ACTIVE, follows=STANDBY), ErrorType.WRONG_STATE)
    assert "still takes messages" in sentence
    await perform("fence.nats", queue(queues, ACTIVE))
    sentence = await refused("reseed.nats", queue(queues, STANDBY, follows=ACTIVE), ErrorType.WRONG_STATE)
    assert "is fenced" in sentence
    old = {"kind": ErrorType.STALE_EPOCH, "epoch": EPOCH - 1}
    await refused("reseed.nats", queue(queues, ACTIVE, follows=STANDBY), **old)


async def test_a_switched_off_former_primary_is_woken_without_its_subjects(powered_queues: Lab) -> None:
    """Killed, fenced by power and left behind: it gets its power back, comes up fenced, and is made a mirror."""
    lab = powered_queues
    await published(lab, ACTIVE, "one")
    await mirrored(lab, STANDBY, 1)
    await kill(lab, ACTIVE)
    await perform("fence.nats", queue(lab, ACTIVE, power=True))
    await perform("promote.nats", queue(lab, STANDBY))
    await published(lab, STANDBY, "two")
    await heal(lab, ACTIVE)
    settings = queue(lab, ACTIVE, follows=STANDBY, power=True)
    ready = await perform("reseed.nats.check", settings)
    assert (ready.proved, "would be switched on first" in ready.reason) == (True, True)
    assert Processes(lab).find(ACTIVE, QUEUE) is None
    assert (await perform("salvage.nats", settings)).proved is True
    former = await stream(lab, ACTIVE)
    assert (former.fenced, former.last) == (True, 1)
    await linked(lab, ACTIVE, STANDBY)
    await perform("reseed.nats", settings)
    assert (await stream(lab, ACTIVE)).last == 2


async def test_one_that_was_switched_on_by_a_try_before_is_waited_for(powered_queues: Lab) -> None:
    """That try was killed before the server was up: the next one must not take it for a dead one."""
    lab = powered_queues
    await published(lab, ACTIVE, "one")
    await mirrored(lab, STANDBY, 1)
    await kill(lab, ACTIVE)
    await perform("fence.nats", queue(lab, ACTIVE, power=True))
    await perform("promote.nats", queue(lab, STANDBY))
    with Switches(lab.home).locked():
        Switches(lab.home).set(f"queue.{ACTIVE}", "on", EPOCH)
    salvage = asyncio.create_task(perform("salvage.nats", queue(lab, ACTIVE, follows=STANDBY, power=True)))
    done, _ = await asyncio.wait({salvage}, timeout=0.5)
    assert not done
    await heal(lab, ACTIVE)
    assert (await salvage).proved is True


async def test_a_former_primary_that_is_healed_comes_back_fenced(queues: Lab) -> None:
    """Without a power controller, too: its disk says that it was left behind, and no client can slip in before."""
    await published(queues, ACTIVE, "one")
    await mirrored(queues, STANDBY, 1)
    await kill(queues, ACTIVE)
    await perform("promote.nats", queue(queues, STANDBY))
    (told,) = await heal(queues, ACTIVE)
    assert f"takes no messages: queue.{STANDBY} was promoted past it by decision {EPOCH}" in told
    assert (await stream(queues, ACTIVE)).fenced
    await linked(queues, ACTIVE, STANDBY)
    # Published in the old region, taken in the new one: the link carries it there.
    assert await published(queues, ACTIVE, "two") == [2]
