"""`catch_up.nats`: wait until a mirror has every message that its primary has."""

from pydantic import Field

from activities.acting import Act, SettledMeanwhile
from activities.clients.nats_pair import FollowingNats, Pair, look_again, look_at_both
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType

_EVERY = 0.02


class CatchUpSettings(FollowingNats):
    """How near is near enough."""

    within_bytes: int = Field(default=0, ge=0)
    exact: bool = False
    """The primary must be fenced, so that its last sequence is the last there will ever be; nothing may be missing."""


class CatchUpNats(Act[CatchUpSettings, Pair]):
    """Waits until the mirror has all messages, or nearly all: as much as `within_bytes` may be missing."""

    uses = "catch_up.nats"
    permissions = ("$JS.API.STREAM.INFO of the stream, in both regions",)
    Settings = CatchUpSettings

    async def _observe(self, job: Job[CatchUpSettings]) -> Pair:
        seen = await look_at_both(job)
        _must_follow(job, seen)
        return seen

    async def _observe_after(self, job: Job[CatchUpSettings], seen: Pair) -> Pair:
        return await look_again(job, seen.here, seen.there)

    def _settled(self, job: Job[CatchUpSettings], seen: Pair) -> str | None:
        return f"It is near enough already: {_stands(seen)}." if _near(job, seen) else None

    async def _act(self, job: Job[CatchUpSettings], seen: Pair) -> str:
        now, done = await poll(
            lambda: look_again(job, seen.here, seen.there),
            lambda now: _near(job, now),
            every=_EVERY,
            within=job.allowed,
        )
        if not done:
            raise StepError(
                ErrorType.NOT_YET,
                f"After {job.allowed:g} s the mirror in {job.call.region} is behind, {_stands(now)}: "
                "look at the link between the regions.",
                now.evidence(),
            )
        news = f"It has caught up: {_stands(now)}; it was {seen.behind} messages behind."
        raise SettledMeanwhile(news)


def _near(job: Job[CatchUpSettings], seen: Pair) -> bool:
    return seen.bytes_behind <= (0 if job.settings.exact else job.settings.within_bytes)


def _stands(seen: Pair) -> str:
    return f"at sequence {min(seen.stream.last, seen.upstream.last)} of {seen.upstream.last}"


def _must_follow(job: Job[CatchUpSettings], seen: Pair) -> None:
    mirror = seen.stream.mirror
    if job.settings.exact and not seen.upstream.fenced:
        sentence = f"The primary that {job.call.region} follows still takes messages: fence it first."
        raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
    if mirror is None or not mirror.follows(job.settings.upstream.domain):
        raise StepError(
            ErrorType.WRONG_STATE,
            f"The stream in {job.call.region} is no mirror of domain {job.settings.upstream.domain}: reseed it first.",
            seen.evidence(),
        )
