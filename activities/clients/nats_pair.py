"""Two streams seen together: one, and its upstream, which it follows or is to follow."""

from dataclasses import dataclass
from typing import TypeVar

from pydantic import JsonValue

from activities.clients.nats import Jet, connected
from activities.clients.nats_stream import StreamState, read_stream
from activities.contract import Job
from runbooks.kinds import NatsSettings


class FollowingNats(NatsSettings):
    """A region's stream, and the one that it follows, is compared with, or must have everything of."""

    upstream: NatsSettings


F = TypeVar("F", bound=FollowingNats)


@dataclass(frozen=True)
class Pair:
    """Both as they say themselves, on open connections."""

    here: Jet
    there: Jet
    stream: StreamState
    upstream: StreamState

    @property
    def behind(self) -> int:
        """How many sequences the upstream is ahead."""
        return max(0, self.upstream.last - self.stream.last)

    @property
    def bytes_behind(self) -> int:
        """The same in bytes, by the average size of the upstream's messages."""
        return self.upstream.size_of(self.behind)

    @property
    def one_line(self) -> bool:
        """They went through the same promotions, so a sequence means the same message in both."""
        return self.stream.promotions == self.upstream.promotions

    @property
    def fork(self) -> int:
        """The last sequence that they have in common, as far as the promotions tell; 0: unknown."""
        mine, theirs = self.stream.promotions, self.upstream.promotions
        if theirs[: len(mine)] != mine or len(theirs) == len(mine):
            return 0
        return theirs[len(mine)][1]

    def evidence(self) -> dict[str, JsonValue]:
        """How both stand."""
        return {"stream": self.stream.evidence(), "upstream": self.upstream.evidence()}


async def look_at_both(job: Job[F]) -> Pair:
    """Connect to both and ask. Raises StepError."""
    here = await job.stack.enter_async_context(connected(job.settings, job.secrets))
    there = await job.stack.enter_async_context(connected(job.settings.upstream, job.secrets))
    return await look_again(job, here, there)


async def look_again(job: Job[F], here: Jet, there: Jet) -> Pair:
    """Ask both on their open connections. Raises StepError."""
    upstream = await read_stream(there, job.settings.upstream)
    # Asked second, so that a mirror that has everything is never taken for one that is ahead.
    stream = await read_stream(here, job.settings)
    return Pair(here, there, stream, upstream)
