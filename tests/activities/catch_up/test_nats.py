import asyncio

from lab.freezing import freeze
from lab.processes import Processes
from lab.topology import QUEUE, Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, STANDBY, perform, queue, refused
from tests.activities.publishing import published


async def test_it_waits_for_the_last_message_of_a_fenced_primary(queues: Lab) -> None:
    """A mirror that was held up has everything when the step ends; again there is nothing to wait for."""
    mirror = Processes(queues).find(STANDBY, QUEUE)
    assert mirror is not None
    freeze([mirror])
    await published(queues, ACTIVE, *(str(n) for n in range(50)))
    await perform("fence.nats", queue(queues, ACTIVE))
    settings = queue(queues, STANDBY, follows=ACTIVE, connect_timeout=10, exact=True)
    waiting = asyncio.create_task(perform("catch_up.nats", settings))
    mirror.resume()
    result = await waiting
    assert (result.changed, "at sequence 50 of 50" in result.reason) == (False, True)
    assert (await perform("catch_up.nats", settings)).changed is False


async def test_near_enough_is_enough(queues: Lab) -> None:
    """Beside a primary that goes on, some bytes may be missing."""
    await published(queues, ACTIVE, "one")
    result = await perform("catch_up.nats", queue(queues, STANDBY, follows=ACTIVE, within_bytes=1_000_000))
    assert (result.changed, "near enough" in result.reason) == (False, True)


async def test_everything_of_a_primary_that_goes_on_is_no_promise(queues: Lab) -> None:
    """It must be fenced first; and what follows nobody cannot catch up."""
    settings = queue(queues, STANDBY, follows=ACTIVE, exact=True)
    assert "fence it first" in await refused("catch_up.nats", settings, ErrorType.WRONG_STATE)
    backwards = queue(queues, ACTIVE, follows=STANDBY)
    assert "reseed it first" in await refused("catch_up.nats", backwards, ErrorType.WRONG_STATE)
