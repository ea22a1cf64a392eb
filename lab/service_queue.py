"""The inference service's use of its own region's message queue: one event for each row, acknowledged by the stream.

QueueError    the event was not taken, or nobody can say whether it was; a sentence
"""

import asyncio
import json
from pathlib import Path

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from pydantic import Field

from lab.program import Config


class QueueError(Exception):
    """The event was not taken, or nobody can say whether it was."""


class QueueConfig(Config):
    """Where the region's queue is, and as whom the service connects."""

    host: str
    port: int = Field(ge=1, le=65535)
    domain: str
    """The region's own JetStream: an acknowledgement of another region's is none."""
    user: str | None = None
    password_file: Path | None = None
    subject: str = "events.rows"
    work_timeout: float = Field(default=1.0, gt=0)


def event_id(client: str, number: int) -> str:
    """By which the stream tells an event that was published twice."""
    return f"{client}:{number}"


class Queue:
    """One connection to the region's queue, made when it is first needed and again when it breaks."""

    def __init__(self, config: QueueConfig) -> None:
        self._config = config
        self._client: Client | None = None
        self._connecting = asyncio.Lock()

    async def publish(self, client: str, number: int, region: str) -> None:
        """Publish the event of a row; the region's own stream has it when this returns. Raises QueueError."""
        config = self._config
        event = json.dumps({"client": client, "n": number, "region": region}).encode()
        try:
            async with asyncio.timeout(config.work_timeout):
                stream = (await self._connected()).jetstream(timeout=config.work_timeout)
                ack = await stream.publish(config.subject, event, headers={"Nats-Msg-Id": event_id(client, number)})
        except (TimeoutError, nats.errors.TimeoutError):
            message = f"the queue did not answer within {config.work_timeout:g} s"
            raise QueueError(message) from None
        except (nats.errors.Error, nats.js.errors.Error, OSError) as error:
            message = f"the queue could not take the event: {str(error) or type(error).__name__}"
            raise QueueError(message) from None
        if ack.domain not in (None, config.domain):
            message = f"the event went to the stream of {ack.domain}, and not to this region's"
            raise QueueError(message)

    async def close(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.close()

    async def _connected(self) -> Client:
        async with self._connecting:
            if self._client is None or self._client.is_closed:
                self._client = await self._connect()
            return self._client

    async def _connect(self) -> Client:
        config = self._config
        password = config.password_file.read_text().strip() if config.password_file else None
        client = Client()

        async def refuse(error: Exception) -> None:
            if isinstance(error, OSError) and not client.is_connected:
                raise error  # the client would try again and again, and a refusal is an answer

        try:
            await client.connect(
                f"nats://{config.host}:{config.port}",
                user=config.user,
                password=password,
                name="llm",
                error_cb=refuse,
                allow_reconnect=False,
                max_reconnect_attempts=0,
                connect_timeout=1,
            )
        except BaseException:
            await client.close()
            raise
        return client
