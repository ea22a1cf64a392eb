"""The messages that a stream holds, read through a consumer that is gone again a moment later."""

import base64
import hashlib
from collections.abc import AsyncIterator

import nats.errors
import nats.js.errors
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from pydantic import JsonValue

from activities.clients.nats import Jet
from activities.clients.nats_stream import StreamState
from activities.errors import StepError
from runbooks.kinds import NatsSettings
from runbooks.steps import ErrorType
from runbooks.values import Model, UnixTime

_BATCH = 500
_FETCH_SECONDS = 5.0
_INACTIVE_SECONDS = 30.0
_ID = "Nats-Msg-Id"
_CONDITIONS = "Nats-Expected-"
"""Headers on which the server took the message at all: a mirror keeps it without them."""


class Message(Model):
    """One message. Two streams have the same one when subject, headers and data are the same."""

    sequence: int
    subject: str
    at: UnixTime
    headers: dict[str, str] = {}
    data: bytes = b""

    @property
    def id(self) -> str:
        """By which the publisher told duplicates; empty when it gave none."""
        return self.headers.get(_ID, "")

    @property
    def digest(self) -> bytes:
        """Of all that was published."""
        kept = {key: value for key, value in self.headers.items() if not key.startswith(_CONDITIONS)}
        parts = [self.subject, *(f"{key}\0{value}" for key, value in sorted(kept.items()))]
        return hashlib.sha256("\0\0".join(parts).encode() + b"\0\0\0" + self.data).digest()

    def row(self) -> dict[str, JsonValue]:
        """As it is kept for review: the data as text where it is text, else in base64."""
        common: dict[str, JsonValue] = {"sequence": self.sequence, "at": self.at, "subject": self.subject}
        headers: dict[str, JsonValue] = dict(self.headers)
        try:
            return {**common, "headers": headers, "text": self.data.decode()}
        except UnicodeDecodeError:
            return {**common, "headers": headers, "base64": base64.b64encode(self.data).decode()}


async def messages(jet: Jet, settings: NatsSettings, first: int, state: StreamState) -> AsyncIterator[Message]:
    """Those from sequence `first` up to the last one of `state`, in order. Raises StepError."""
    if not state.messages or first > state.last:
        return
    config = ConsumerConfig(
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=max(1, first),
        ack_policy=AckPolicy.NONE,
        mem_storage=True,
        inactive_threshold=_INACTIVE_SECONDS,
    )
    try:
        consumer = await jet.client.jetstream().pull_subscribe("", stream=settings.stream, config=config)
        left = (await consumer.consumer_info()).num_pending or 0
        while left:
            for message in await consumer.fetch(min(_BATCH, left), timeout=_FETCH_SECONDS):
                left = message.metadata.num_pending
                if message.metadata.sequence.stream > state.last:
                    return
                yield _message(message)
    except (nats.errors.Error, nats.js.errors.Error, OSError) as error:
        text = (str(error) or type(error).__name__).removeprefix("nats: ")
        raise StepError(
            ErrorType.UNREACHABLE, f"The messages of the stream at {jet.where} cannot be read ({text})."
        ) from None


def _message(message: Msg) -> Message:
    return Message(
        sequence=message.metadata.sequence.stream,
        subject=message.subject,
        at=message.metadata.timestamp.timestamp(),
        headers=dict(message.headers or {}),
        data=message.data,
    )
