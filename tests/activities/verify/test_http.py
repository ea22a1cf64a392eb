import time

from aiohttp import web

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused
from tests.activities.web import answering


async def test_what_comes_up_within_a_moment_needs_no_retry() -> None:
    """The first answers are bad; the same attempt still ends well."""
    answers = iter([503, 503, 503])

    async def waking(_request: web.Request) -> web.Response:
        return web.Response(status=next(answers, 200))

    async with answering(waking) as url:
        result = await perform("verify.http", {"url": url})
        assert (result.changed, result.proved, result.after["status"]) == (False, True, 200)
        assert (await perform("verify.http", {"url": url})).changed is False


async def test_what_stays_wrong_is_not_yet() -> None:
    """With the sentence of the last look."""

    async def down(_request: web.Request) -> web.Response:
        return web.Response(status=503)

    async with answering(down) as url:
        began = time.monotonic()
        sentence = await refused("verify.http", {"url": url}, ErrorType.NOT_YET)
        assert time.monotonic() - began < 4.0
        assert sentence == f"{url} answers HTTP 503, not 200."
        check = await perform("verify.http.check", {"url": url})
        assert (check.proved, check.reason) == (False, sentence)
