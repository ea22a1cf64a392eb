"""PostgreSQL connections for short questions: every wait has a bound, every failure is a StepError.

A machine that hangs is the normal case here, so a bound must really end the wait: psycopg answers a
cancelled query by asking the server to cancel it, for up to ten seconds. So a query is never cancelled; its
line is shut down, and it fails by itself.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from activities.clients.postgres_errors import connect_error, query_error, silent
from activities.secrets import Secrets
from runbooks.postgres_server import PostgresServer

T = TypeVar("T")
Row = dict[str, Any]  # a database row is as wide as its query
Query = LiteralString | sql.Composed
Connection = psycopg.AsyncConnection[Row]

APPLICATION_NAME = "evac"
QUERY_SECONDS = 2.0


class Server:
    """One connection, in autocommit."""

    def __init__(self, connection: Connection, where: str) -> None:
        self.where = where
        self._connection = connection

    async def row(self, query: Query, values: dict[str, object] | None = None, within: float = QUERY_SECONDS) -> Row:
        """The only row of the answer. Raises StepError."""
        rows = await self.rows(query, values, within)
        return rows[0]

    async def rows(
        self, query: Query, values: dict[str, object] | None = None, within: float = QUERY_SECONDS
    ) -> list[Row]:
        """All rows; none for a statement that answers no rows. Raises StepError."""

        async def ask() -> list[Row]:
            cursor = await self._connection.execute(query, values)
            return await cursor.fetchall() if cursor.description else []

        try:
            return await self._bounded(ask(), within)
        except psycopg.Error as error:
            raise query_error(error, self.where) from None

    async def _bounded(self, asking: Awaitable[T], within: float) -> T:
        task = asyncio.ensure_future(asking)
        task.add_done_callback(_heard)
        try:
            done, _ = await asyncio.wait({task}, timeout=within)
            if not done:
                raise silent(self.where, within)
            return task.result()
        finally:
            if not task.done():
                self._hang_up()
                await asyncio.wait({task})

    def _hang_up(self) -> None:
        # Shut down, not closed: the event loop still watches the descriptor, and its number must not be given away.
        with suppress(OSError), socket.socket(fileno=os.dup(self._connection.pgconn.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)


def _heard(task: asyncio.Future[T]) -> None:
    """What was given up fails later, by our own doing: unheard, asyncio would log it with its stack."""
    if not task.cancelled():
        task.exception()


@asynccontextmanager
async def connected(settings: PostgresServer, secrets: Secrets) -> AsyncIterator[Server]:
    """A connection as the administrator of the settings. Raises StepError within `connect_timeout`."""
    where = settings.where
    password = secrets.reveal(settings.password)
    try:
        async with asyncio.timeout(settings.connect_timeout):
            connection: Connection = await psycopg.AsyncConnection.connect(
                host=settings.host,
                port=settings.port,
                dbname=settings.dbname,
                user=settings.user,
                password=password,
                sslmode=settings.sslmode,
                application_name=APPLICATION_NAME,
                gssencmode="disable",  # saves a round trip that a frozen server would not answer
                options=f"-c statement_timeout={int(QUERY_SECONDS * 1000)}",
                autocommit=True,
                prepare_threshold=None,
                row_factory=dict_row,
            )
    except TimeoutError:
        raise silent(where, settings.connect_timeout) from None
    except psycopg.Error as error:
        raise connect_error(error, where) from None
    try:
        yield Server(connection, where)
    finally:
        await connection.close()
