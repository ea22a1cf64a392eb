import asyncio
import time

import pytest

from activities.clients.nats import NO_STREAM, connected
from activities.clients.nats_publish import concrete
from activities.errors import StepError
from activities.secrets import Secrets
from lab.freezing import freeze
from lab.processes import Processes
from lab.topology import QUEUE, Lab
from runbooks.kinds import NatsSettings
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, queue


def settings(lab: Lab, **more: object) -> NatsSettings:
    """Those of the active region."""
    return NatsSettings.model_validate({**queue(lab, ACTIVE), **more})


async def freeze_and_ask(lab: Lab) -> None:
    """The server stops while a connection is open."""
    server = Processes(lab).find(ACTIVE, QUEUE)
    assert server is not None
    async with connected(settings(lab), Secrets()) as jet:
        freeze([server])
        await jet.api("INFO", within=0.2)


async def kill_and_ask(lab: Lab) -> None:
    """The server dies while a connection is open."""
    async with connected(settings(lab), Secrets()) as jet:
        Processes(lab).kill(ACTIVE, QUEUE)
        await jet.api("INFO", within=10.0)


async def test_a_server_that_freezes_ends_no_later_than_asked(queues: Lab) -> None:
    """While it is asked, and while the connection is closed; nothing of the connection is left."""
    began = time.monotonic()
    with pytest.raises(StepError, match=r"gave no answer within 0\.2 s") as caught:
        await freeze_and_ask(queues)
    assert caught.value.kind is ErrorType.UNREACHABLE
    assert time.monotonic() - began < 3.0
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_a_refusal_says_what_to_do(queues: Lab) -> None:
    """With the server's own code as evidence; a subject that nobody has is told from silence."""
    async with connected(settings(queues), Secrets()) as jet:
        with pytest.raises(StepError, match="check `stream` in the runbook") as caught:
            await jet.api("STREAM.INFO.nothing")
        assert (caught.value.kind, caught.value.evidence) == (ErrorType.NOT_FOUND, {"err_code": NO_STREAM})
        with pytest.raises(StepError, match="nobody answers to nobody") as caught:
            await jet.request("nobody", b"")
        assert caught.value.evidence == {"nobody": True}


async def test_a_server_that_dies_meanwhile_is_unreachable(queues: Lab) -> None:
    """Worth a retry, and known as soon as the connection breaks."""
    began = time.monotonic()
    with pytest.raises(StepError) as caught:
        await kill_and_ask(queues)
    assert time.monotonic() - began < 5.0
    assert caught.value.kind is ErrorType.UNREACHABLE


@pytest.mark.parametrize(
    ("pattern", "subject"),
    [("events.>", "events.evac-probe"), ("*.orders.*", "evac-probe.orders.evac-probe"), ("plain", "plain")],
)
def test_a_pattern_has_a_subject_that_it_matches(pattern: str, subject: str) -> None:
    """To which it can be tried to publish."""
    assert concrete(pattern) == subject
