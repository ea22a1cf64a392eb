"""Valkey connections for short questions: every wait has a bound, every failure is a StepError."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from valkey.asyncio.connection import Connection
from valkey.exceptions import ResponseError, ValkeyError
from valkey.exceptions import TimeoutError as SilentError

from activities.clients.valkey_errors import silent, valkey_error
from activities.secrets import Secrets
from runbooks.kinds import ValkeySettings

Answer = Any  # as wide as the commands are
Command = tuple[str | bytes | int, ...]

CLIENT_NAME = "evac"
ASK_SECONDS = 2.0


class Server:
    """One connection."""

    def __init__(self, connection: Connection, where: str) -> None:
        self.where = where
        self._connection = connection

    async def ask(self, *command: str | bytes | int, within: float = ASK_SECONDS) -> Answer:
        """The answer to one command. Raises StepError."""
        (answer,) = await self.ask_all([command], within)
        return answer

    async def ask_all(self, commands: Sequence[Command], within: float = ASK_SECONDS) -> list[Answer]:
        """The answers to commands that are sent at once. Raises StepError for the first that was refused."""
        answers = await self.try_all(commands, within)
        for answer in answers:
            if isinstance(answer, Exception):
                raise valkey_error(answer, self.where)
        return answers

    async def try_all(self, commands: Sequence[Command], within: float = ASK_SECONDS) -> list[Answer]:
        """As `ask_all`; what was refused is an exception among the answers. Raises StepError for silence."""
        try:
            async with asyncio.timeout(within):
                await self._connection.send_packed_command(self._connection.pack_commands(commands))
                return [await self._answer() for _ in commands]
        except (TimeoutError, SilentError):
            # Hung up, since an answer that comes late would be taken for the next one's.
            await self._connection.disconnect(nowait=True)
            raise silent(self.where, within) from None
        except (ValkeyError, OSError) as error:
            raise valkey_error(error, self.where) from None

    async def _answer(self) -> Answer:
        try:
            return await self._connection.read_response(disconnect_on_error=False)
        except ResponseError as refused:
            return refused


@asynccontextmanager
async def connected(settings: ValkeySettings, secrets: Secrets, db: int = 0) -> AsyncIterator[Server]:
    """A connection as the user of the settings. Raises StepError within `connect_timeout`."""
    connection = Connection(
        host=settings.host,
        port=settings.port,
        db=db,
        username=settings.user,
        password=secrets.reveal(settings.password),
        client_name=CLIENT_NAME,
        socket_timeout=None,  # the bounds are ours
        lib_name=None,
        lib_version=None,
    )
    try:
        async with asyncio.timeout(settings.connect_timeout):
            opening: Any = connection.connect  # the package has types for nearly everything else
            await opening()
    except (TimeoutError, SilentError):
        await connection.disconnect(nowait=True)
        raise silent(settings.where, settings.connect_timeout) from None
    except (ValkeyError, OSError) as error:
        await connection.disconnect(nowait=True)
        raise valkey_error(error, settings.where) from None
    try:
        yield Server(connection, settings.where)
    finally:
        await connection.disconnect(nowait=True)
