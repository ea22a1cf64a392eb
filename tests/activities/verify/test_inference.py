import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from lab.manager import running
from lab.passages import CODE_ANSWER, CODE_QUESTION
from lab.topology import Lab, LabSpec
from runbooks.steps import ErrorType
from tests.activities.calls import ACTIVE, perform, refused
from tests.activities.web import answering

USES = "verify.inference"


def says(text: str, wait: float = 0.0) -> Any:
    """A server that gives that answer to everything."""

    async def answer(request: web.Request) -> web.Response:
        asked = await request.json()
        assert (asked["temperature"], asked["max_tokens"]) == (0, 32)
        assert asked["messages"] == [{"role": "user", "content": "2+2="}]
        await asyncio.sleep(wait)
        return web.json_response({"choices": [{"message": {"role": "assistant", "content": text}}]})

    return answering(answer)


@pytest_asyncio.fixture
async def service(tmp_path: Path) -> AsyncIterator[Lab]:
    """The lab's own service, answering from its vector database."""
    spec = LabSpec(home=tmp_path / "lab", parts=frozenset({"postgres", "inference"}), model=False)
    async with running(spec) as lab:
        yield lab


async def test_the_labs_service_answers(service: Lab) -> None:
    """The right answer in time; the evidence has what was said."""
    url = f"http://{service.region(ACTIVE).address}:{service.public_port}/v1/chat/completions"
    settings = {"url": url, "prompt": CODE_QUESTION, "expect": CODE_ANSWER, "samples": 3}
    result = await perform(USES, settings)
    assert (result.changed, result.proved, result.after["samples"]) == (False, True, 3)
    assert CODE_ANSWER.lower() in str(result.after["answer"]).lower()


async def test_the_case_of_letters_does_not_matter() -> None:
    """A model writes as it likes."""
    async with says("It is FOUR.") as url:
        assert (await perform(USES, {"url": url, "prompt": "2+2=", "expect": "four"})).proved


async def test_a_wrong_answer_is_not_yet() -> None:
    """The sentence has what was said and what is missing."""
    async with says("five") as url:
        sentence = await refused(USES, {"url": url, "prompt": "2+2=", "expect": "4"}, ErrorType.NOT_YET)
    assert sentence == f"{url} answers 'five', without '4' in it."


async def test_too_slow_an_answer_is_not_yet() -> None:
    """Right, but later than allowed."""
    async with says("4", wait=0.3) as url:
        settings = {"url": url, "prompt": "2+2=", "expect": "4", "p95": "100ms"}
        sentence = await refused(USES, settings, ErrorType.NOT_YET)
    assert "0.1 s are allowed" in sentence


@pytest.mark.parametrize("answer", ["{}", '{"choices": []}', "no JSON", '{"choices": [{"message": {}}]}'])
async def test_another_form_is_named(answer: str) -> None:
    """What does not speak OpenAI's form is not verified."""

    async def other(_request: web.Request) -> web.Response:
        return web.Response(text=answer)

    async with answering(other) as url:
        sentence = await refused(USES, {"url": url, "prompt": "2+2=", "expect": "4"}, ErrorType.NOT_YET)
    assert "does not answer in the form of OpenAI's chat completions" in sentence


async def test_an_error_is_not_yet() -> None:
    """The status is in the sentence."""

    async def down(_request: web.Request) -> web.Response:
        return web.Response(status=503)

    async with answering(down) as url:
        settings = {"url": url, "prompt": "2+2=", "expect": "4"}
        assert await refused(USES, settings, ErrorType.NOT_YET) == f"{url} answers HTTP 503."
        assert (await perform(f"{USES}.check", settings)).proved is False
