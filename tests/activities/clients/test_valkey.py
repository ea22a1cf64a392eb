import time

import pytest

from activities.clients.valkey import connected
from activities.errors import StepError
from activities.secrets import Secrets
from lab.cache import settings_of
from lab.freezing import freeze
from lab.processes import Processes
from lab.topology import CACHE, Lab
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, STANDBY


async def test_a_server_that_freezes_under_a_question_is_given_up(caches: Lab) -> None:
    """After its bound; a late answer is never taken for that of another question."""
    server = Processes(caches).find(ACTIVE, CACHE)
    assert server is not None
    async with connected(settings_of(caches, caches.region(ACTIVE)), Secrets()) as line:
        await line.ask("SET", "key", "first")
        freeze([server])
        began = time.monotonic()
        with pytest.raises(StepError, match=r"gave no answer within 0\.2 s") as caught:
            await line.ask("GET", "key", within=0.2)
        assert caught.value.kind is ErrorType.UNREACHABLE
        assert time.monotonic() - began < 2
        server.resume()
        assert await line.ask("ECHO", "second") == b"second"


async def test_what_is_refused_keeps_the_line_in_step(caches: Lab) -> None:
    """Of several questions each has its own answer; asked for all, the first refusal is the error."""
    questions = [("ECHO", "one"), ("SET", "key", "value"), ("NO-SUCH-COMMAND",), ("ECHO", "two")]
    async with connected(settings_of(caches, caches.region(STANDBY)), Secrets()) as line:
        answers = await line.try_all(questions)
        assert [answer if isinstance(answer, bytes) else type(answer).__name__ for answer in answers] == [
            b"one",
            "ReadOnlyError",
            "ResponseError",
            b"two",
        ]
        with pytest.raises(StepError, match="can't write against a read only replica") as caught:
            await line.ask_all(questions)
        assert caught.value.evidence == {"code": "READONLY"}
        assert await line.ask("ECHO", "three") == b"three"


async def test_a_server_that_ends_is_unreachable(caches: Lab) -> None:
    """The line breaks in the middle of a conversation."""
    async with connected(settings_of(caches, caches.region(ACTIVE)), Secrets()) as line:
        await line.ask("PING")
        Processes(caches).kill(ACTIVE, CACHE)
        with pytest.raises(StepError) as caught:
            await line.ask("PING")
    assert caught.value.kind is ErrorType.UNREACHABLE
