from lab.topology import Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, STANDBY, perform, queue, refused
from tests.activities.publishing import stream


async def test_a_message_is_published_and_read_back(queues: Lab) -> None:
    """One for a step, however often it is tried; another step publishes its own."""
    results = [await perform("verify.nats", queue(queues, ACTIVE), step=step) for step in ("a", "a", "b")]
    assert [(it.changed, it.after["sequence"], it.after["duplicate"]) for it in results] == [
        (False, 1, False),
        (False, 1, True),
        (False, 2, False),
    ]
    assert (await stream(queues, ACTIVE)).messages == 2


async def test_without_a_probe_subject_nothing_is_kept(queues: Lab) -> None:
    """The stream answers that it cannot take an impossible message: so it is there."""
    result = await perform("verify.nats", queue(queues, ACTIVE, probe=""))
    assert "answers to events.>" in result.reason
    assert (await stream(queues, ACTIVE)).last == 0


async def test_neither_a_mirror_nor_a_fenced_stream_takes_messages(queues: Lab) -> None:
    """It is said which it is, also by the check, which publishes nothing."""
    sentence = await refused("verify.nats", queue(queues, STANDBY), ErrorType.NOT_YET)
    assert "is a mirror" in sentence
    ready = await perform("verify.nats.check", queue(queues, ACTIVE))
    assert (ready.proved, (await stream(queues, ACTIVE)).last) == (True, 0)
    await perform("fence.nats", queue(queues, ACTIVE))
    check = await perform("verify.nats.check", queue(queues, ACTIVE))
    assert (check.proved, "is fenced" in check.reason) == (False, True)
