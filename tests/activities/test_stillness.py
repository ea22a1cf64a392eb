"""A detector whose own process stands still blames nobody."""

import asyncio
import time

from aiohttp import web

from activities.stillness import stillness
from tests.activities.calls import perform
from tests.activities.web import answering


def stand_still(after: float, seconds: float) -> None:
    """The whole process does nothing, as when it is paused."""
    asyncio.get_running_loop().call_later(after, time.sleep, seconds)


async def slow(request: web.Request) -> web.Response:
    """An answer that takes a while."""
    del request
    await asyncio.sleep(0.3)
    return web.Response(text="well")


async def test_a_look_in_which_it_stood_still_is_taken_once_more() -> None:
    """Its bound ran out while nobody could have heard the answer: unhealthy would ask for a failover."""
    async with answering(slow) as url:
        stand_still(0.1, 3.0)
        result = await perform("detect.http", {"url": url, "timeout": 2})
    assert result.reading is not None
    assert result.reading.state == "healthy"


async def test_who_is_silent_again_is_unhealthy(mute: int) -> None:
    """A busy machine must not hide that a region is dead."""
    stand_still(0.1, 1.0)
    result = await perform("detect.http", {"url": f"http://127.0.0.1:{mute}/", "timeout": 0.5})
    assert result.reading is not None
    assert result.reading.state == "unhealthy"


async def test_an_answer_counts_although_it_stood_still() -> None:
    """What was heard was said; but it may have been before that, and is as old."""
    async with answering(slow) as url:
        stand_still(0.1, 1.0)
        result = await perform("detect.http", {"url": url, "timeout": 5})
        age = time.time() - (result.observed_at or 0)
    assert result.reading is not None
    assert (result.reading.state, result.reading.observed_at) == ("healthy", result.observed_at)
    assert age >= 0.8


async def test_what_passes_in_sleep_is_no_standstill() -> None:
    """Waiting is what a look does all the time."""
    async with stillness() as seen:
        await asyncio.sleep(2)
    assert not seen.most
