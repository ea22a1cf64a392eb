"""`reseed.nats`: make a region's stream a mirror of the new primary's, whatever it was before.

A stream cannot be turned into a mirror, nor a mirror led to another origin: it is deleted and made anew.
"""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.clients.nats import NO_STREAM, Jet, connected
from activities.clients.nats_pair import FollowingNats
from activities.clients.nats_stream import EPOCH, LINE, StreamState, api_of, read_stream
from activities.clients.nats_waking import Waking
from activities.contract import Job
from activities.errors import StepError
from activities.fencing import POWER_PERMISSION
from activities.lifeline import poll
from runbooks.steps import ErrorType

_EVERY = 0.05
_LINK_SECONDS = 0.5
_LINKED_WITHIN = 10.0
_PRIMARYS_OWN = ("name", "subjects", "mirror", "sources", "republish", "subject_transform", "metadata", "placement")
_OF_THE_REGION = ("placement", "num_replicas")


@dataclass(frozen=True)
class Rebuilt:
    """The stream to be rebuilt (None: it is not there), and its new origin."""

    here: Jet
    stream: StreamState | None
    upstream: StreamState

    def follows(self, domain: str) -> bool:
        """It is a mirror of the upstream, and of the same line."""
        mirror = self.stream.mirror if self.stream is not None else None
        if self.stream is None or mirror is None:
            return False
        return mirror.follows(domain) and self.stream.promotions == self.upstream.promotions

    @property
    def running(self) -> bool:
        """It hears of its origin, and has all of it."""
        mirror = self.stream.mirror if self.stream is not None else None
        return bool(self.stream and mirror and mirror.streaming and self.stream.last >= self.upstream.last)

    def evidence(self) -> dict[str, JsonValue]:
        """How both stand."""
        stream = None if self.stream is None else self.stream.evidence()
        return {"stream": stream, "upstream": self.upstream.evidence()}


class ReseedNats(Waking[Rebuilt]):
    """Deletes the stream and mirrors the upstream's, until it has everything. Its consumers are gone with it."""

    uses = "reseed.nats"
    permissions = ("$JS.API.STREAM.INFO, DELETE and CREATE of the stream", POWER_PERMISSION)
    Settings = FollowingNats

    async def _observe(self, job: Job[FollowingNats]) -> Rebuilt:
        return await _look(job, await job.stack.enter_async_context(connected(job.settings, job.secrets)))

    async def _observe_after(self, job: Job[FollowingNats], seen: Rebuilt) -> Rebuilt:
        return await _look(job, seen.here)

    def _settled(self, job: Job[FollowingNats], seen: Rebuilt) -> str | None:
        if not (seen.follows(job.settings.upstream.domain) and seen.running):
            return None
        return f"It mirrors domain {job.settings.upstream.domain} already, up to sequence {seen.upstream.last}."

    async def _act(self, job: Job[FollowingNats], seen: Rebuilt) -> str:
        if not seen.follows(job.settings.upstream.domain):
            await _must_be_linked(job, seen.here)
            await _remake(job, seen)
        now, done = await poll(lambda: _look(job, seen.here), lambda now: now.running, every=_EVERY, within=job.allowed)
        if not done:
            raise StepError(
                ErrorType.NOT_YET,
                f"The new mirror in {job.call.region} has not everything after {job.allowed:g} s: "
                "look at the link between the regions.",
                now.evidence(),
            )
        return f"It mirrors domain {job.settings.upstream.domain}, up to sequence {now.upstream.last}."


async def _look(job: Job[FollowingNats], here: Jet) -> Rebuilt:
    async with connected(job.settings.upstream, job.secrets) as there:
        upstream = await read_stream(there, job.settings.upstream)
    upstream.refuse_stale(job.call.epoch, f"{job.call.region}'s upstream")
    if upstream.role != "primary" or upstream.fenced:
        state = "fenced" if upstream.fenced else "a mirror"
        sentence = f"The upstream at {there.where} is {state}: a reseed must follow the primary that takes messages."
        raise StepError(ErrorType.WRONG_STATE, sentence, upstream.evidence())
    stream = await _stream(job, here)
    if stream is not None:
        stream.refuse_stale(job.call.epoch, job.call.region)
        if stream.role == "primary" and not stream.fenced:
            sentence = f"The stream in {job.call.region} still takes messages: fence it, and salvage what only it has."
            raise StepError(ErrorType.WRONG_STATE, sentence, stream.evidence())
    return Rebuilt(here, stream, upstream)


async def _must_be_linked(job: Job[FollowingNats], here: Jet) -> None:
    """Nothing is deleted that could not be copied; and a mirror that finds no origin looks again after seconds only."""
    upstream = job.settings.upstream

    async def reached() -> bool:
        try:
            await here.ask(f"{api_of(upstream.domain)}.STREAM.INFO.{upstream.stream}", None, within=_LINK_SECONDS)
        except StepError as error:
            if error.kind is not ErrorType.UNREACHABLE:
                raise
            return False
        return True

    if not (await poll(reached, lambda there: there, every=_EVERY, within=min(_LINKED_WITHIN, job.allowed)))[1]:
        sentence = f"Domain {upstream.domain} cannot be reached from {here.where}: nothing was deleted. Mend the link."
        raise StepError(ErrorType.NOT_YET, sentence)


async def _stream(job: Job[FollowingNats], here: Jet) -> StreamState | None:
    try:
        return await read_stream(here, job.settings)
    except StepError as error:
        if error.evidence.get("err_code") == NO_STREAM:
            return None  # deleted, and not made yet, by a worker that died in between
        raise


async def _remake(job: Job[FollowingNats], seen: Rebuilt) -> None:
    """The mirror keeps as long and as much as its origin does, and knows the decision and the line that it is of."""
    settings = job.settings
    metadata: dict[str, JsonValue] = {EPOCH: str(job.call.epoch)}
    if line := seen.upstream.metadata.get(LINE):
        metadata[LINE] = line
    kept = {key: value for key, value in seen.upstream.config.items() if key not in _PRIMARYS_OWN}
    mirror: JsonValue = {"name": settings.upstream.stream, "external": {"api": api_of(settings.upstream.domain)}}
    if seen.stream is not None:
        kept |= {key: seen.stream.config[key] for key in _OF_THE_REGION if key in seen.stream.config}
        await _delete(seen.here, settings.stream)
    wanted = {**kept, "name": settings.stream, "mirror": mirror, "metadata": metadata}
    await seen.here.api(f"STREAM.CREATE.{settings.stream}", wanted)


async def _delete(here: Jet, stream: str) -> None:
    try:
        await here.api(f"STREAM.DELETE.{stream}")
    except StepError as error:
        if error.evidence.get("err_code") != NO_STREAM:
            raise
        sentence = (
            f"The stream at {here.where} was deleted meanwhile, by another try of this step: it is looked at again."
        )
        raise StepError(ErrorType.CONFLICT, sentence) from None
