"""Passing a row on to the region that holds the writer, where several regions serve at once.

NoWriterError    no peer took the row, or nobody can say whether one did; a sentence
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp

PASSED_ON = "X-Evac-Lab-Passed-On"
"""A row that was passed on once is not passed on again: two standbys must not play with it."""

_CREATED = 201
_WITHIN = 0.8


class NoWriterError(Exception):
    """No peer took the row, or nobody can say whether one did."""


class Peers:
    """The services of the other regions. All are asked at once, since only the writer's takes a row."""

    def __init__(self, urls: Sequence[str]) -> None:
        self.urls = tuple(urls)

    async def write(self, row: dict[str, Any]) -> str:
        """The region that has taken the row. Raises NoWriterError."""
        timeout = aiohttp.ClientTimeout(total=_WITHIN)
        async with aiohttp.ClientSession(timeout=timeout, headers={PASSED_ON: "1"}) as session:
            asked = [asyncio.create_task(_ask(session, url, row)) for url in self.urls]
            try:
                for answered in asyncio.as_completed(asked):
                    if (region := await answered) is not None:
                        return region
            finally:
                for task in asked:
                    task.cancel()
                await asyncio.gather(*asked, return_exceptions=True)
        message = "this region's database is a standby, and no other region took the row"
        raise NoWriterError(message)


async def _ask(session: aiohttp.ClientSession, url: str, row: dict[str, Any]) -> str | None:
    try:
        async with session.post(f"{url}/rows", json=row) as response:
            return str((await response.json())["region"]) if response.status == _CREATED else None
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError):
        return None
