"""How a stream stands, read in one question, and how it is changed: for every verb of kind `nats`.

A stream must have subjects, so a fenced one keeps a parked one that nobody publishes to, and its own in its metadata:
both are on the server's disk, and outlive a restart. What decisions did to it is in its metadata, too.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Self

from pydantic import Field, JsonValue

from activities.acting import View
from activities.clients.nats import Jet
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.kinds import NatsSettings
from runbooks.steps import ErrorType
from runbooks.values import Model, UnixTime

EPOCH = "evac-epoch"
"""The newest decision that changed the stream."""
FENCED = "evac-fenced"
"""The subjects that a fence took away, as JSON."""
FENCED_BY = "evac-fenced-by"
"""The decision whose fence that was; newer ones that rely on it are kept as the epoch alone."""
LINE = "evac-line"
"""Where the stream's content comes from: each promotion so far as `epoch:last sequence before it`, oldest first."""

_OURS = "_nats."
_QUIET_SECONDS = 0.02
_STREAMING_SECONDS = 3.0
"""A mirror hears of its origin every second, if only that there is nothing new."""


class Mirror(Model):
    """What a mirror follows, and how far it is behind."""

    api: str = ""
    lag: int = 0
    silent_for: float | None = None
    error: str = ""

    @property
    def streaming(self) -> bool:
        """It has heard of its origin lately."""
        return not self.error and self.silent_for is not None and self.silent_for < _STREAMING_SECONDS

    def follows(self, domain: str) -> bool:
        """Its origin is the stream of that domain."""
        return self.api == api_of(domain)

    @classmethod
    def of(cls, answer: Mapping[str, JsonValue]) -> Self:
        """From a mirror's STREAM.INFO."""
        mirror = _mapping(answer.get("mirror"))
        configured = _mapping(_mapping(_mapping(answer["config"])["mirror"]).get("external"))
        active = mirror.get("active", -1)
        return cls(
            api=str(configured.get("api", "")),
            lag=int(str(mirror.get("lag", 0))),
            silent_for=active / 1e9 if isinstance(active, int) and active >= 0 else None,
            error=str(_mapping(mirror.get("error")).get("description", "")),
        )


class StreamState(View):
    """A stream of one server, as it says itself."""

    role: str
    first: int
    last: int
    messages: int
    bytes: int
    last_at: UnixTime | None
    mirror: Mirror | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    config: dict[str, JsonValue] = Field(default_factory=dict, exclude=True)
    """All of its configuration, as an update must repeat it."""

    @property
    def epoch(self) -> int | None:
        """The newest decision that changed it."""
        return _number(self.metadata.get(EPOCH, ""))

    @property
    def fenced_by(self) -> int | None:
        """The decision that put its fence up."""
        return _number(self.metadata.get(FENCED_BY, ""))

    @property
    def promotions(self) -> tuple[tuple[int, int], ...]:
        """Each promotion that its content has gone through: the epoch, and the last sequence before it."""
        pairs = (pair.split(":") for pair in self.metadata.get(LINE, "").split(",") if pair)
        return tuple((int(epoch), int(last)) for epoch, last in pairs)

    @property
    def fenced(self) -> bool:
        """It is a primary that takes no message."""
        return self.role == "primary" and FENCED in self.metadata

    @property
    def able(self) -> bool:
        """Whoever may read it is taken to be its administrator; a refusal says otherwise soon enough."""
        return True

    def keeps(self, epoch: int) -> bool:
        """A mirror has no fence to lift."""
        return self.role == "standby" or self.epoch == epoch

    @property
    def why_fenced(self) -> str | None:
        """The sentence why it takes no messages of the application, or None."""
        if self.role == "standby":
            return "It is a mirror, which takes no messages: there is nothing to fence."
        return "It is fenced already: its subjects were taken away." if self.fenced else None

    def size_of(self, messages: int) -> int:
        """That many messages of its average size, in bytes; never 0 for any."""
        return -(-messages * self.bytes // self.messages) if self.messages else messages

    def refuse_stale(self, epoch: int, where: str) -> None:
        """Raises StepError when a newer decision has changed it."""
        if self.epoch is not None and self.epoch > epoch:
            raise StepError(
                ErrorType.STALE_EPOCH,
                f"The stream in {where} was changed by decision {self.epoch}, which is newer than this run's {epoch}: "
                "nothing was changed.",
                self.evidence(),
            )


def api_of(domain: str) -> str:
    """How a mirror reaches the JetStream of another domain."""
    return f"$JS.{domain}.API"


def parked(settings: NatsSettings) -> str:
    """The subject of a fenced stream: nobody publishes to it."""
    return f"evac.fenced.{settings.domain}.{settings.stream}"


async def read_stream(jet: Jet, settings: NatsSettings) -> StreamState:
    """Look. Raises StepError."""
    answer = await jet.api(f"STREAM.INFO.{settings.stream}")
    if answer.get("domain") != settings.domain:
        sentence = (
            f"JetStream at {jet.where} is domain {answer.get('domain')}, not {settings.domain}: correct `domain`."
        )
        raise StepError(ErrorType.WRONG_STATE, sentence)
    return state_of(answer)


def state_of(answer: Mapping[str, JsonValue]) -> StreamState:
    """From STREAM.INFO."""
    config, state = _mapping(answer["config"]), _mapping(answer["state"])
    standby = bool(config.get("mirror"))
    return StreamState(
        role="standby" if standby else "primary",
        first=int(str(state["first_seq"])),
        last=int(str(state["last_seq"])),
        messages=int(str(state["messages"])),
        bytes=int(str(state["bytes"])),
        last_at=_unix(str(state.get("last_ts", ""))) if state["last_seq"] else None,
        mirror=Mirror.of(answer) if standby else None,
        metadata={k: str(v) for k, v in _mapping(config.get("metadata")).items() if not k.startswith(_OURS)},
        config=dict(config),
    )


async def update_stream(
    jet: Jet, settings: NatsSettings, seen: StreamState, metadata: Mapping[str, str], **changes: JsonValue
) -> None:
    """Change the configuration that was `seen`; its metadata become these. Raises StepError."""
    wanted: dict[str, JsonValue] = {**seen.config, **changes, "metadata": dict(metadata)}
    await jet.api(
        f"STREAM.UPDATE.{settings.stream}", {key: value for key, value in wanted.items() if value is not None}
    )


async def quiet(jet: Jet, settings: NatsSettings, within: float) -> StreamState:
    """What was on its way into the stream when its subjects went is in it: the same last sequence twice."""
    last = -1

    async def look() -> tuple[StreamState, bool]:
        nonlocal last
        state = await read_stream(jet, settings)
        same, last = state.last == last, state.last
        return state, same

    (state, _), still = await poll(look, lambda seen: seen[1], every=_QUIET_SECONDS, within=within)
    if not still:
        raise StepError(ErrorType.NOT_YET, f"The stream at {jet.where} still grows: it will be tried again.")
    return state


def subjects_before(state: StreamState) -> list[JsonValue]:
    """What a fence took away."""
    return list(json.loads(state.metadata.get(FENCED, "[]")))


def _mapping(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _unix(text: str) -> UnixTime:
    """RFC 3339 with nanoseconds, which the standard library does not read."""
    head, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{head}+00:00").timestamp() + float(f"0.{fraction or 0}")
