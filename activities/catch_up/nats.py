"""`catch_up.nats`: wait until a mirror has every message that its primary has."""

from activities.acting import Act
from activities.clients.nats_pair import FollowingNats, Pair, look_again, look_at_both
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType

_EVERY = 0.02


class CatchUpNats(Act[FollowingNats, Pair]):
    """Waits for the mirror's last sequence; of a fenced primary that is the last there will ever be."""

    uses = "catch_up.nats"
    permissions = ("$JS.API.STREAM.INFO of the stream, in both regions",)
    Settings = FollowingNats

    async def _observe(self, job: Job[FollowingNats]) -> Pair:
        seen = await look_at_both(job)
        _must_follow(job, seen)
        return seen

    async def _observe_after(self, job: Job[FollowingNats], seen: Pair) -> Pair:
        return await look_again(job, seen.here, seen.there)

    def _settled(self, job: Job[FollowingNats], seen: Pair) -> str | None:
        del job
        return f"It has everything already, up to sequence {seen.upstream.last}." if not seen.behind else None

    async def _act(self, job: Job[FollowingNats], seen: Pair) -> str:
        now, done = await poll(
            lambda: look_again(job, seen.here, seen.there),
            lambda now: not now.behind,
            every=_EVERY,
            within=job.allowed,
        )
        if not done:
            raise StepError(
                ErrorType.NOT_YET,
                f"The mirror in {job.call.region} is at sequence {now.stream.last} after {job.allowed:g} s, and its "
                f"primary at {now.upstream.last}: look at the link between the regions.",
                now.evidence(),
            )
        return f"It has everything, up to sequence {now.upstream.last}; it was {seen.behind} messages behind."


def _must_follow(job: Job[FollowingNats], seen: Pair) -> None:
    mirror = seen.stream.mirror
    if mirror is None or not mirror.follows(job.settings.upstream.domain):
        raise StepError(
            ErrorType.WRONG_STATE,
            f"The stream in {job.call.region} is no mirror of domain {job.settings.upstream.domain}: reseed it first.",
            seen.evidence(),
        )
