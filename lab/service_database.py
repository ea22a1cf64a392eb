"""The inference service's connections to its own region's database: few, short, and made anew when they break.

DatabaseError             the work was not done, or nobody can say whether it was; a sentence
+-- StandbyError              the database takes no writes: a standby, or fenced
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Literal, TypeVar

import psycopg
from psycopg import errors
from pydantic import Field

from lab.embedding import as_literal, embed
from lab.program import Config

T = TypeVar("T")
Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Role = Literal["primary", "standby", "down"]
MOST_CONNECTIONS = 8
NEAREST = "SELECT text FROM passages ORDER BY embedding <=> %s::vector LIMIT %s"
# Not DO NOTHING: that would write nothing for a number seen before, so its commit would wait for no standby, and a
# row whose first commit is still on this server alone would be acknowledged.
WRITE = (
    "INSERT INTO rows (client, n, region) VALUES (%s, %s, %s) "
    "ON CONFLICT (client, n) DO UPDATE SET region = excluded.region"
)


class DatabaseError(Exception):
    """The work was not done, or nobody can say whether it was."""


class StandbyError(DatabaseError):
    """The database takes no writes."""


class DatabaseConfig(Config):
    """Where the region's database is, and as whom the service connects."""

    host: str
    port: int = Field(ge=1, le=65535)
    dbname: str = "llm"
    user: str = "app"
    password_file: Path | None = None
    connect_timeout: float = Field(default=1.0, gt=0)
    work_timeout: float = Field(default=2.0, gt=0)


class Database:
    """A few connections in autocommit; every call is bounded and ends in an answer or a DatabaseError."""

    def __init__(self, config: DatabaseConfig) -> None:
        self._config = config
        self._idle: list[Connection] = []
        self._places = asyncio.Semaphore(MOST_CONNECTIONS)
        self._unfinished: set[asyncio.Task[Any]] = set()

    async def role(self) -> Role:
        """What the database is now; never raises."""

        async def look(connection: Connection) -> Role:
            cursor = await connection.execute("SELECT pg_is_in_recovery()")
            row = await cursor.fetchone()
            return "standby" if row and row[0] else "primary"

        try:
            return await self._bounded(self._on_connection(look), self._config.connect_timeout)
        except DatabaseError:
            return "down"

    async def nearest(self, text: str, count: int) -> list[str]:
        """The passages nearest to the text, nearest first. Raises DatabaseError."""

        async def look(connection: Connection) -> list[str]:
            cursor = await connection.execute(NEAREST, (as_literal(embed(text)), count))
            return [row[0] for row in await cursor.fetchall()]

        return await self._bounded(self._on_connection(look), self._config.work_timeout)

    async def write(self, client: str, number: int, region: str) -> None:
        """Write one row and commit; it is safe when this returns. Raises DatabaseError: then nobody can say."""

        async def insert(connection: Connection) -> None:
            warnings: list[str] = []

            def note(diagnostic: errors.Diagnostic) -> None:
                if diagnostic.severity_nonlocalized == "WARNING":
                    warnings.append(diagnostic.message_primary or "")

            connection.add_notice_handler(note)
            try:
                await connection.execute(WRITE, (client, number, region))
            finally:
                connection.remove_notice_handler(note)
            if warnings:
                # PostgreSQL reports a commit whose wait for its standby was cancelled as done, with a warning.
                message = f"the row is not surely kept: {'; '.join(warnings)}"
                raise DatabaseError(message)

        await self._bounded(self._on_connection(insert), self._config.work_timeout)

    async def close(self) -> None:
        """Close every connection."""
        for task in tuple(self._unfinished):
            task.cancel()
        while self._idle:
            await self._idle.pop().close()

    async def _bounded(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        """The work's result in time. Work that hangs is cancelled behind the caller's back: that may take long too."""
        task = asyncio.create_task(work)
        self._unfinished.add(task)
        task.add_done_callback(self._finished)
        try:
            done, _ = await asyncio.wait({task}, timeout=seconds)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not done:
            task.cancel()
            message = f"the database did not answer within {seconds:g} s, so nobody can say what it did"
            raise DatabaseError(message)
        try:
            return task.result()
        except errors.ReadOnlySqlTransaction as error:
            message = f"the database takes no writes: {error}"
            raise StandbyError(message) from None
        except psycopg.Error as error:
            message = f"the database could not do it: {str(error).strip() or type(error).__name__}"
            raise DatabaseError(message) from None

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._unfinished.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited for it has been told already

    async def _on_connection(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        async with self._places:
            if self._idle:
                # The server may have gone away since the connection was last used. Whatever is done here may be done
                # twice, so it is tried again on a new connection.
                with contextlib.suppress(psycopg.OperationalError):
                    return await self._use(self._idle.pop(), work)
            return await self._use(await self._connect(), work)

    async def _use(self, connection: Connection, work: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            return await work(connection)
        finally:
            if connection.closed or connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                await connection.close()
            else:
                self._idle.append(connection)

    async def _connect(self) -> Connection:
        config = self._config
        password = config.password_file.read_text().strip() if config.password_file else None
        try:
            # libpq's own limit is two seconds at least.
            async with asyncio.timeout(config.connect_timeout):
                return await psycopg.AsyncConnection.connect(
                    host=config.host,
                    port=config.port,
                    dbname=config.dbname,
                    user=config.user,
                    password=password,
                    autocommit=True,
                    application_name="llm",
                )
        except TimeoutError:
            message = f"no connection within {config.connect_timeout:g} s"
            raise psycopg.OperationalError(message) from None
