"""JetStream in two regions: each test has a stream of its own, so nothing has to be brought back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import nats
from nats.aio.client import Client
from pydantic import JsonValue

from activities.clients.nats import connected
from activities.clients.nats_stream import StreamState, api_of, read_stream
from activities.secrets import Secrets
from lab.topology import QUEUE_ADMIN, Lab
from runbooks.kinds import NatsSettings
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, queue
from tests.conformance.bent import Way, Ways
from tests.conformance.wires import Nats
from tests.lab.started import until

OLDER = EPOCH - 2
"""The decision of the failover that was before."""


class Queues:
    """Two linked servers. A stream of any name is written in ACTIVE, and mirrored in STANDBY, unless it failed over."""

    def __init__(self, lab: Lab, ways: Ways) -> None:
        self.lab = lab
        self.ways: dict[str, Way] = {
            region.name: ways.to(region.address, region.queue_port, Nats) for region in lab.regions
        }

    def settings(self, region: str, stream: str) -> dict[str, Any]:
        """Of that stream, past the ways."""
        return queue(self.lab, region, stream=stream, subjects=[f"{stream}.>"], probe=f"{stream}.evac.probe")

    async def home(self, stream: str, *messages: str) -> None:
        """Make it, with those messages in it, and its mirror, which has them."""
        await self.make(ACTIVE, stream, subjects=[f"{stream}.>"])
        await self.publish(ACTIVE, stream, *messages)
        origin: JsonValue = {"name": stream, "external": {"api": api_of(ACTIVE)}}
        await self.make(STANDBY, stream, mirror=origin)

        async def mirrored() -> bool:
            state = await self.look(STANDBY, stream)
            return state.mirror is not None and state.mirror.streaming and state.last == len(messages)

        await until(mirrored)

    async def away(self, stream: str, *messages: str) -> None:
        """The same after a failover: written in STANDBY, fenced in ACTIVE."""
        await self.home(stream, *messages)
        await perform("fence.nats", self.settings(ACTIVE, stream), epoch=OLDER, within=20)
        await perform("promote.nats", self.settings(STANDBY, stream), epoch=OLDER, within=20)

    async def make(self, region: str, stream: str, **more: JsonValue) -> None:
        """A stream."""
        async with connected(self._admin(region, stream), Secrets()) as jet:
            await jet.api(
                f"STREAM.CREATE.{stream}", {"name": stream, "storage": "memory", "allow_direct": True, **more}
            )

    async def remove(self, region: str, stream: str) -> None:
        """It is gone."""
        async with connected(self._admin(region, stream), Secrets()) as jet:
            await jet.api(f"STREAM.DELETE.{stream}")

    async def publish(self, region: str, stream: str, *messages: str) -> None:
        """Each under its name as its id, acknowledged."""
        async with self._client(region) as client:
            for message in messages:
                headers = {"Nats-Msg-Id": message}
                await client.jetstream().publish(f"{stream}.order", message.encode(), headers=headers)

    async def look(self, region: str, stream: str) -> StreamState:
        """How it stands."""
        settings = self._admin(region, stream)
        async with connected(settings, Secrets()) as jet:
            return await read_stream(jet, settings)

    def _admin(self, region: str, stream: str) -> NatsSettings:
        return NatsSettings.model_validate({**self.settings(region, stream), "connect_timeout": 5.0})

    @asynccontextmanager
    async def _client(self, region: str) -> AsyncIterator[Client]:
        place = self.lab.region(region)
        url = f"nats://{place.address}:{place.queue_port}"
        client = await nats.connect(url, user=QUEUE_ADMIN, password=self.lab.password(QUEUE_ADMIN))
        try:
            yield client
        finally:
            await client.close()
