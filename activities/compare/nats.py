"""`compare.nats`: prove that a mirror holds the same messages as its primary."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from pydantic import JsonValue

from activities.acting import Look
from activities.clients.nats_messages import Message, messages
from activities.clients.nats_pair import FollowingNats, Pair, look_again, look_at_both
from activities.contract import Job
from activities.lifeline import poll

_EVERY = 0.05
_CATCH_UP_SECONDS = 5.0
_MOST_NAMED = 10


@dataclass(frozen=True)
class Comparison:
    """What both have, sequence by sequence, in the window that both retain."""

    pair: Pair
    equal: int
    different: tuple[int, ...]
    first: int
    domain: str
    """The upstream's."""

    @property
    def same(self) -> bool:
        """Every message that the upstream had, the mirror has, under the same sequence; and no other."""
        return not self.different and not self.pair.behind and not self._has_more

    @property
    def _has_more(self) -> bool:
        """It is no mirror of the upstream, and has sequences that the upstream has not; a mirror was asked later."""
        mirror = self.pair.stream.mirror
        return self.pair.stream.last > self.pair.upstream.last and not (mirror and mirror.follows(self.domain))

    @property
    def sentence(self) -> str:
        """What was found."""
        here, there = self.pair.stream.last, self.pair.upstream.last
        if self.different:
            named = ", ".join(map(str, self.different[:_MOST_NAMED]))
            return f"{len(self.different)} sequences hold different messages, or one only in one region: {named}."
        if self.pair.behind or self._has_more:
            return f"The stream is at sequence {here}, and its upstream at {there}; what both have is the same."
        return f"Both hold the same {self.equal} messages, sequences {self.first} to {there}."

    def evidence(self) -> dict[str, JsonValue]:
        """The numbers, and how both stand."""
        named: list[JsonValue] = list(self.different[:_MOST_NAMED])
        found: dict[str, JsonValue] = {"equal": self.equal, "different": len(self.different), "sequences": named}
        return {**found, **self.pair.evidence()}


class CompareNats(Look[FollowingNats, Comparison]):
    """Compares subjects, headers and data of every retained message; changes nothing."""

    uses = "compare.nats"
    permissions = ("$JS.API.CONSUMER.CREATE on the stream, in both regions",)
    Settings = FollowingNats

    async def _observe(self, job: Job[FollowingNats]) -> Comparison:
        first = await look_at_both(job)
        pair, _ = await poll(
            lambda: look_again(job, first.here, first.there),
            lambda now: now.stream.last >= first.upstream.last,
            every=_EVERY,
            within=min(_CATCH_UP_SECONDS, job.allowed),
        )
        # What the upstream has taken since the first look is not asked of the mirror, which is always a moment behind.
        pair = replace(pair, upstream=first.upstream)
        return await _compared(job, pair)

    def _found(self, job: Job[FollowingNats], seen: Comparison) -> str:
        del job
        return seen.sentence

    def _proved(self, seen: Comparison) -> bool:
        return seen.same


async def _compared(job: Job[FollowingNats], pair: Pair) -> Comparison:
    """Both are read side by side, in order, so that only one message of each is held."""
    first = max(pair.stream.first, pair.upstream.first, 1)
    mine = messages(pair.here, job.settings, first, pair.stream)
    theirs = messages(pair.there, job.settings.upstream, first, pair.upstream)
    last = min(pair.stream.last, pair.upstream.last)
    equal, different = 0, []
    async for sequence, left, right in _aligned(mine, theirs):
        if sequence > last:
            break
        if left is not None and right is not None and left.digest == right.digest:
            equal += 1
        else:
            different.append(sequence)
    return Comparison(pair, equal, tuple(different), first, job.settings.upstream.domain)


async def _aligned(
    mine: AsyncIterator[Message], theirs: AsyncIterator[Message]
) -> AsyncIterator[tuple[int, Message | None, Message | None]]:
    left, right = await anext(mine, None), await anext(theirs, None)
    while left is not None or right is not None:
        sequence = min(message.sequence for message in (left, right) if message is not None)
        here = left if left is not None and left.sequence == sequence else None
        there = right if right is not None and right.sequence == sequence else None
        yield sequence, here, there
        left = await anext(mine, None) if here is not None else left
        right = await anext(theirs, None) if there is not None else right
