import time

import nats.js.errors
import pytest

from lab.freezing import freeze
from lab.processes import Processes
from lab.regions import heal, kill
from lab.switches import Switches
from lab.topology import QUEUE, QUEUE_APP, Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, queue, refused, secret
from tests.activities.publishing import application, publish, published, stream


async def test_a_live_primary_takes_no_more_messages(queues: Lab) -> None:
    """On a connection that stays open; what it took before is there, and the second fence changes nothing."""
    async with application(queues, ACTIVE) as client:
        assert await publish(client, "one", "two") == [1, 2]
        result = await perform("fence.nats", queue(queues, ACTIVE))
        assert (result.changed, result.proved, result.after["epoch"]) == (True, True, EPOCH)
        assert "a publish to its subjects is refused" in result.reason
        with pytest.raises(nats.js.errors.NoStreamResponseError):
            await publish(client, "three")
    again = await perform("fence.nats", queue(queues, ACTIVE), epoch=EPOCH + 1)
    assert (again.changed, again.proved) == (False, True)
    assert "fenced already" in again.reason
    kept = await stream(queues, ACTIVE)
    assert (kept.last, kept.epoch, kept.fenced_by) == (2, EPOCH + 1, EPOCH)


async def test_the_fence_outlives_a_restart(queues: Lab) -> None:
    """Killed and started again, the stream still takes nothing."""
    await perform("fence.nats", queue(queues, ACTIVE))
    await kill(queues, ACTIVE)
    await heal(queues, ACTIVE)
    with pytest.raises(nats.js.errors.NoStreamResponseError):
        await published(queues, ACTIVE, "one")


async def test_the_fence_can_be_lifted(queues: Lab) -> None:
    """By a decision that is not older; the next message gets the next sequence, and a second undo changes nothing."""
    await published(queues, ACTIVE, "one")
    fenced = await perform("fence.nats", queue(queues, ACTIVE))
    undo = {"settings": queue(queues, ACTIVE), "before": fenced.before}
    await refused("fence.nats.undo", kind=ErrorType.STALE_EPOCH, epoch=EPOCH - 1, **undo)
    lifted = await perform("fence.nats.undo", epoch=EPOCH, **undo)
    assert (lifted.changed, "events.> were given back, from sequence 2" in lifted.reason) == (True, True)
    assert lifted.proved
    assert await published(queues, ACTIVE, "two") == [2]
    assert (await perform("fence.nats.undo", **undo)).changed is False


async def test_an_earlier_fence_is_not_lifted(queues: Lab) -> None:
    """What was fenced by an earlier decision is fenced after the undo."""
    await perform("fence.nats", queue(queues, ACTIVE), epoch=EPOCH - 1)
    second = await perform("fence.nats", queue(queues, ACTIVE))
    undone = await perform("fence.nats.undo", queue(queues, ACTIVE), before=second.before)
    assert (undone.changed, "no fence of this decision" in undone.reason) == (False, True)
    assert (await stream(queues, ACTIVE)).fenced


async def test_a_mirror_is_left_alone(powered_queues: Lab) -> None:
    """There is nothing to fence on it, even when its power could be switched off."""
    result = await perform("fence.nats", queue(powered_queues, STANDBY, power=True))
    assert (result.changed, result.proved) == (False, True)
    assert Switches(powered_queues.home).read(f"queue.{STANDBY}").state == "on"


async def test_a_stale_decision_fences_nothing(queues: Lab) -> None:
    """A stream that a newer decision has changed is not touched."""
    fenced = await perform("fence.nats", queue(queues, ACTIVE), epoch=9)
    await perform("fence.nats.undo", queue(queues, ACTIVE), epoch=9, before=fenced.before)
    sentence = await refused("fence.nats", queue(queues, ACTIVE), ErrorType.STALE_EPOCH, epoch=8)
    assert "changed by decision 9" in sentence
    assert await published(queues, ACTIVE, "one") == [1]


async def test_a_dead_server_is_switched_off_and_on_again(powered_queues: Lab) -> None:
    """A refused connection costs no waiting; `heal` leaves it off; the undo gives it its power, and it starts."""
    settings = queue(powered_queues, ACTIVE, power=True)
    await kill(powered_queues, ACTIVE)
    began = time.monotonic()
    result = await perform("fence.nats", settings)
    assert time.monotonic() - began < 4.0
    assert (result.changed, result.proved) == (True, True)
    assert (await perform("fence.nats", settings)).changed is False
    (told,) = await heal(powered_queues, ACTIVE)
    assert f"switched off by the power controller (epoch {EPOCH})" in told
    undone = await perform("fence.nats.undo", settings, before=result.before)
    assert (undone.changed, undone.proved, "switched on" in undone.reason) == (True, True, True)
    await heal(powered_queues, ACTIVE)
    assert await published(powered_queues, ACTIVE, "one") == [1]


async def test_a_frozen_server_is_switched_off(powered_queues: Lab) -> None:
    """One that takes connections and says nothing is given up after `connect_timeout`, and killed."""
    server = Processes(powered_queues).find(ACTIVE, QUEUE)
    assert server is not None
    freeze([server])
    result = await perform("fence.nats", queue(powered_queues, ACTIVE, power=True, connect_timeout=0.3))
    assert (result.changed, result.proved) == (True, True)
    assert Processes(powered_queues).find(ACTIVE, QUEUE) is None


async def test_without_an_answer_and_without_power_nothing_is_proved(queues: Lab) -> None:
    """The sentence says both, and a person or a policy decides; the check says so beforehand."""
    ready = await perform("fence.nats.check", queue(queues, ACTIVE))
    assert (ready.changed, ready.proved) == (False, True)
    await kill(queues, ACTIVE)
    result = await perform("fence.nats", queue(queues, ACTIVE))
    assert (result.changed, result.proved) == (False, False)
    assert "refuses connections" in result.reason
    assert "No power controller is set" in result.reason
    assert (await perform("fence.nats.check", queue(queues, ACTIVE))).proved is False


async def test_a_user_who_may_not_fence_needs_the_power(powered_queues: Lab) -> None:
    """The application may read the stream, and not change it: its server is switched off."""
    app = {"user": QUEUE_APP, "password": secret(powered_queues, f"{QUEUE_APP}.password")}
    sentence = await refused("fence.nats", queue(powered_queues, ACTIVE) | app, ErrorType.DENIED)
    assert "ermissions" in sentence
    result = await perform("fence.nats", queue(powered_queues, ACTIVE, power=True) | app)
    assert (result.changed, result.proved) == (True, True)
    assert "By JetStream it failed" in result.reason
