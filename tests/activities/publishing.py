"""The message queue as its application uses it: publishing with acknowledgement, inside one region."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nats
import nats.errors
import nats.js.errors
from nats.aio.client import Client

from activities.clients.nats import connected
from activities.clients.nats_stream import StreamState, api_of, read_stream
from activities.errors import StepError
from activities.secrets import Secrets
from lab.topology import QUEUE_APP, Lab
from runbooks.kinds import NatsSettings
from tests.activities.calls import queue
from tests.lab.started import until


@asynccontextmanager
async def application(lab: Lab, region: str) -> AsyncIterator[Client]:
    """A connection of the application, to its own region's server."""
    place = lab.region(region)
    client = await nats.connect(
        f"nats://{place.address}:{place.queue_port}", user=QUEUE_APP, password=lab.password(QUEUE_APP)
    )
    try:
        yield client
    finally:
        await client.close()


async def publish(client: Client, *names: str, subject: str = "events.order") -> list[int]:
    """Publish these, each under its name as its id; the sequences that were acknowledged. Raises NoStreamError."""
    stream = client.jetstream()
    return [(await stream.publish(subject, name.encode(), headers={"Nats-Msg-Id": name})).seq for name in names]


async def published(lab: Lab, region: str, *names: str) -> list[int]:
    """The same on a connection of its own."""
    async with application(lab, region) as client:
        return await publish(client, *names)


async def stream(lab: Lab, region: str) -> StreamState:
    """How the region's stream stands."""
    settings = NatsSettings.model_validate(queue(lab, region))
    async with connected(settings, Secrets()) as jet:
        return await read_stream(jet, settings)


async def mirrored(lab: Lab, region: str, sequence: int) -> None:
    """Wait until the region has that message."""

    async def there() -> bool:
        return (await stream(lab, region)).last >= sequence

    await until(there)


async def linked(lab: Lab, region: str, other: str) -> None:
    """Wait until the region's server reaches the other's: a link takes a second after a start."""
    settings = NatsSettings.model_validate(queue(lab, region))

    async def there() -> bool:
        try:
            async with connected(settings, Secrets()) as jet:
                await jet.ask(f"{api_of(other)}.INFO", None, within=0.5)
        except StepError:
            return False
        return True

    await until(there)
