"""A test that hangs tells where."""

import asyncio
import re

import pytest

from tests.standing import tasks


def test_a_loop_that_was_cut_off_tells_where_its_tasks_stand() -> None:
    """Down to the innermost function."""

    async def innermost() -> None:
        await asyncio.sleep(30)

    async def outer() -> None:
        loop.call_later(0.01, cut)
        await innermost()

    def cut() -> None:
        raise KeyboardInterrupt

    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        with pytest.raises(KeyboardInterrupt) as caught:
            loop.run_until_complete(outer())
        told = tasks(caught.value.__traceback__)
    assert re.findall(r", in (\w+)", told) == ["outer", "innermost", "sleep"]


def test_what_a_task_raised_tells_nothing_of_it() -> None:
    """Its own traceback does."""

    async def broken() -> None:
        raise ValueError

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - whose it is does not matter
        asyncio.run(broken())
    assert tasks(caught.value.__traceback__) == ""
