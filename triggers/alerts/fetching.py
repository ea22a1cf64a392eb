"""Fetching what a proof needs (a certificate, an issuer's keys): bounded, kept, and fetched once for many at a time."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Self, TypeVar

import httpx

from triggers.alerts.proof import UnreachableError

T = TypeVar("T")

_MOST_BYTES = 256 * 1024
_WITHIN = 5.0
_KEPT = 3600.0
_AGAIN = 30.0
"""What was fetched is not fetched anew more often, whoever asks for it."""
_MOST_KEPT = 64


class Fetcher:
    """`async with Fetcher() as fetcher`. `transport` is httpx's: tests lead it to servers of their own."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = httpx.AsyncClient(transport=transport, timeout=_WITHIN, follow_redirects=False)
        self._clock = clock
        self._kept: dict[str, tuple[float, Any]] = {}
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._client.aclose()

    async def kept(self, url: str, understand: Callable[[bytes], T], *, anew: bool = False) -> T:
        """What is there, understood and kept for an hour. `anew`: what is kept did not do. Raises UnreachableError.

        `understand` raises ValueError for what is of no use; that is never kept.
        """
        oldest = _AGAIN if anew else _KEPT
        held: T | None = self._held(url, oldest)
        if held is not None:
            return held
        async with self._lock:
            held = self._held(url, oldest)
            if held is not None:  # it was fetched while we waited
                return held
            try:
                found = understand(await self.get(url))
            except ValueError as error:
                message = f"{httpx.URL(url).host} sends something else than expected ({type(error).__name__})"
                raise UnreachableError(message) from None
            self._keep(url, found)
            return found

    async def get(self, url: str) -> bytes:
        """What is there now; a redirection is not followed. Raises UnreachableError."""
        host = httpx.URL(url).host
        content = b""
        try:
            async with asyncio.timeout(_WITHIN), self._client.stream("GET", url) as response:
                if response.status_code != httpx.codes.OK:
                    message = f"{host} answers {response.status_code}"
                    raise UnreachableError(message)
                async for chunk in response.aiter_bytes():
                    content += chunk
                    if len(content) > _MOST_BYTES:
                        message = f"{host} sends more than {_MOST_BYTES} bytes"
                        raise UnreachableError(message)
        except (httpx.HTTPError, TimeoutError) as error:
            message = f"{host} does not answer ({type(error).__name__})"
            raise UnreachableError(message) from None
        return content

    def _held(self, url: str, age: float) -> Any:  # noqa: ANN401 - whatever it was understood as
        at, found = self._kept.get(url, (0.0, None))
        return found if self._clock() - at < age else None

    def _keep(self, url: str, found: object) -> None:
        self._kept[url] = (self._clock(), found)
        if len(self._kept) > _MOST_KEPT:
            del self._kept[min(self._kept, key=lambda name: self._kept[name][0])]
