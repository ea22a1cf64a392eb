"""The inference service's use of its own region's cache: answers that were given before, and a mark of each row.

CacheError    the mark was not made, or nobody can say whether it was; a sentence
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, JsonValue
from valkey.asyncio import Valkey
from valkey.asyncio.retry import Retry
from valkey.backoff import NoBackoff
from valkey.exceptions import ConnectionError as LostConnectionError
from valkey.exceptions import ValkeyError

from lab.program import Config

T = TypeVar("T")
ANSWERS_LIVE = 300
"""Seconds."""


class CacheError(Exception):
    """The mark was not made, or nobody can say whether it was."""


class CacheConfig(Config):
    """Where the region's cache is."""

    host: str
    port: int = Field(ge=1, le=65535)
    password_file: Path | None = None
    work_timeout: float = Field(default=1.0, gt=0)


def marks_key(client: str) -> str:
    """The set of the row numbers of a client."""
    return f"rows:{client}"


def question_key(asked: JsonValue) -> str:
    """Under which the answer to a question is kept: the same words, the same answer."""
    return f"answer:{hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()}"


class Cache:
    """The region's cache. Answers are a convenience, so their loss is nobody's error; a mark is a promise."""

    def __init__(self, config: CacheConfig) -> None:
        self._config = config
        password = config.password_file.read_text().strip() if config.password_file else None
        self._client = Valkey(
            host=config.host,
            port=config.port,
            password=password,
            socket_timeout=config.work_timeout,
            socket_connect_timeout=config.work_timeout,
            # The server may have gone away since a connection was last used; all that is done here may be done twice.
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[LostConnectionError],
        )

    async def answer(self, key: str) -> dict[str, Any] | None:
        """An answer that was given before; None also when the cache does not answer."""
        with suppress(CacheError, ValueError):
            found = await self._bounded(self._client.get(key))
            return None if found is None else dict(json.loads(found))
        return None

    async def keep(self, key: str, answer: dict[str, Any]) -> None:
        """Keep an answer for a while, if the cache takes it: a replica does not."""
        with suppress(CacheError):
            await self._bounded(self._client.set(key, json.dumps(answer), ex=ANSWERS_LIVE))

    async def mark(self, client: str, number: int) -> None:
        """Note that a row was written. Raises CacheError."""
        await self._bounded(self._client.sadd(marks_key(client), str(number)))

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _bounded(self, work: Awaitable[T] | T) -> T:
        try:
            async with asyncio.timeout(self._config.work_timeout):
                return await work if isinstance(work, Awaitable) else work
        except TimeoutError:
            message = f"the cache did not answer within {self._config.work_timeout:g} s"
            raise CacheError(message) from None
        except (ValkeyError, OSError) as error:
            message = f"the cache could not do it: {str(error) or type(error).__name__}"
            raise CacheError(message) from None
