"""`detect.nats`: a stream's role, sequence, lag, and how far its mirrors have it."""

import asyncio
import time

from activities.clients.nats import Jet, connected
from activities.clients.nats_stream import StreamState, api_of, read_stream, state_of
from activities.contract import Job
from activities.errors import StepError
from activities.observing import Detector, Sight
from runbooks.facts import DataValues, StandbyValues
from runbooks.kinds import NatsSettings

_LINK_SECONDS = 0.4


async def look_at_nats(job: Job[NatsSettings]) -> Sight:
    """Connect and ask. Raises StepError."""
    async with connected(job.settings, job.secrets) as jet:
        state = await read_stream(jet, job.settings)
        standbys = await _mirrors(jet, job.settings, state) if state.role == "primary" else {}
    values = values_of(state, standbys)
    return Sight(good=True, reason=described(values), values=values.model_dump(mode="json"))


def values_of(state: StreamState, standbys: dict[str, StandbyValues]) -> DataValues:
    """As every data store is read. A stream counts messages, so its lag in bytes is that many of its average size."""
    mirror = state.mirror
    streaming = mirror is not None and mirror.streaming
    lag = None if mirror is None or not streaming else mirror.lag
    return DataValues(
        role=state.role,
        timeline=max((epoch for epoch, _ in state.promotions), default=0),
        position=state.last,
        streaming=streaming,
        lag_bytes=None if lag is None else state.size_of(lag),
        lag_seconds=None if mirror is None else _lag_seconds(state, lag),
        last_commit_at=state.last_at,
        read_only=state.fenced,
        transactions=state.last,
        epoch=state.epoch,
        standbys=standbys,
    )


def described(values: DataValues) -> str:
    """One sentence for people."""
    if values.role == "primary":
        mode = ", fenced: it takes no messages" if values.read_only else ""
        followed = sum(standby.state == "streaming" for standby in values.standbys.values())
        mirrors = f"{followed} mirror{'' if followed == 1 else 's'}"
        return f"It is the primary at sequence {values.position}, followed by {mirrors}{mode}."
    if not values.streaming:
        return f"It is a mirror at sequence {values.position} that hears nothing from its origin."
    return f"It is a mirror at sequence {values.position}, {values.lag_bytes or 0} bytes behind."


def _lag_seconds(state: StreamState, lag: int | None) -> float | None:
    if lag == 0:
        return 0.0
    return None if state.last_at is None else max(0.0, time.time() - state.last_at)


async def _mirrors(jet: Jet, settings: NatsSettings, primary: StreamState) -> dict[str, StandbyValues]:
    """What the other domains have, asked through this server's own links: so the link is seen too."""
    others = [domain for domain in settings.domains if domain != settings.domain]
    found = await asyncio.gather(*(_mirror(jet, settings, domain, primary) for domain in others))
    return {domain: seen for domain, seen in zip(others, found, strict=True) if seen is not None}


async def _mirror(jet: Jet, settings: NatsSettings, domain: str, primary: StreamState) -> StandbyValues | None:
    subject = f"{api_of(domain)}.STREAM.INFO.{settings.stream}"
    try:
        state = state_of(await jet.ask(subject, None, within=_LINK_SECONDS))
    except StepError:
        return None
    if state.mirror is None or not state.mirror.follows(settings.domain):
        return None
    return StandbyValues(
        state="streaming" if state.mirror.streaming else "silent",
        sync_state="async",
        lag_bytes=primary.size_of(max(0, primary.last - state.last)),
    )


class DetectNats(Detector[NatsSettings]):
    """A stream that answers is healthy; its values say the rest."""

    uses = "detect.nats"
    permissions = ("$JS.API.STREAM.INFO of the stream, also in the other `domains`",)
    Settings = NatsSettings

    async def _look(self, job: Job[NatsSettings]) -> Sight:
        return await look_at_nats(job)
