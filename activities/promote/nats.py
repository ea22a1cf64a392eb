"""`promote.nats`: make a mirror the stream that takes the messages.

One stream update, 2-4 ms: the mirror keeps its messages, their sequences and the ids by which duplicates are known; the
next message gets the next sequence.
"""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.nats import Jet, connected
from activities.clients.nats_stream import EPOCH, FENCED, LINE, StreamState, read_stream, update_stream
from activities.contract import Job
from activities.errors import StepError
from runbooks.kinds import NatsSettings
from runbooks.steps import ErrorType


class PromotedNats(NatsSettings):
    """The mirror; in a planned procedure also the fenced primary, of which it must have everything."""

    upstream: NatsSettings | None = None


@dataclass(frozen=True)
class Candidate:
    """A stream that is to take messages, on an open connection."""

    jet: Jet
    state: StreamState

    def evidence(self) -> dict[str, JsonValue]:
        """How the stream stands."""
        return self.state.evidence()


class PromoteNats(Act[PromotedNats, Candidate]):
    """Ends the mirroring and gives the stream its subjects."""

    uses = "promote.nats"
    permissions = ("$JS.API.STREAM.INFO and UPDATE of the stream",)
    Settings = PromotedNats

    async def _observe(self, job: Job[PromotedNats]) -> Candidate:
        jet = await job.stack.enter_async_context(connected(job.settings, job.secrets))
        return await _look(job, jet)

    async def _observe_after(self, job: Job[PromotedNats], seen: Candidate) -> Candidate:
        return await _look(job, seen.jet)

    def _settled(self, job: Job[PromotedNats], seen: Candidate) -> str | None:
        del job
        if seen.state.role == "standby":
            return None
        return f"It is the primary already, at sequence {seen.state.last}."

    async def _act(self, job: Job[PromotedNats], seen: Candidate) -> str:
        state, epoch = seen.state, job.call.epoch
        if job.settings.upstream is not None:
            await _must_have_everything(job, job.settings.upstream, state)
        line = ",".join(filter(None, (state.metadata.get(LINE), f"{epoch}:{state.last}")))
        metadata = {**state.metadata, EPOCH: str(epoch), LINE: line}
        subjects: list[JsonValue] = list(job.settings.subjects)
        await update_stream(seen.jet, job.settings, state, metadata, mirror=None, subjects=subjects)
        return f"It takes {', '.join(job.settings.subjects)} from sequence {state.last + 1}."


async def _look(job: Job[PromotedNats], jet: Jet) -> Candidate:
    state = await read_stream(jet, job.settings)
    state.refuse_stale(job.call.epoch, job.call.region)
    if FENCED in state.metadata:
        raise StepError(
            ErrorType.WRONG_STATE,
            f"The stream in {job.call.region} is a fenced former primary: reseed it, or lift its fence.",
            state.evidence(),
        )
    return Candidate(jet, state)


async def _must_have_everything(job: Job[PromotedNats], upstream: NatsSettings, mirror: StreamState) -> None:
    async with connected(upstream, job.secrets) as jet:
        primary = await read_stream(jet, upstream)
    if not primary.fenced:
        raise StepError(ErrorType.WRONG_STATE, f"The stream at {jet.where} still takes messages: fence it first.")
    if mirror.last < primary.last:
        raise StepError(
            ErrorType.NOT_YET,
            f"The mirror in {job.call.region} is at sequence {mirror.last}, and its primary at {primary.last}.",
            mirror.evidence(),
        )
