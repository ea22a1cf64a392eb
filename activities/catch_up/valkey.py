"""`catch_up.valkey`: wait until a replica has applied everything that its primary has written."""

from activities.acting import Act, SettledMeanwhile
from activities.clients.valkey_follow import FollowerSettings, Pair, wired
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType

_EVERY = 0.01


class CatchUpValkey(Act[FollowerSettings, Pair]):
    """Waits for the offset that the primary had at the first look. On a fenced primary that is all there ever was."""

    uses = "catch_up.valkey"
    permissions = ("+info +config|get +hmget on both, keys evac:*",)
    Settings = FollowerSettings

    async def _observe(self, job: Job[FollowerSettings]) -> Pair:
        return await (await wired(job, job.stack)).look(job)

    def _settled(self, job: Job[FollowerSettings], seen: Pair) -> str | None:
        del job
        if seen.why_apart or seen.behind:
            return None
        return f"It has everything that {seen.follows} has, up to offset {seen.upstream.values.position}."

    async def _act(self, job: Job[FollowerSettings], seen: Pair) -> str:
        goal = seen.upstream.values.position
        wires = await wired(job, job.stack)
        now, done = await poll(
            lambda: wires.look(job),
            lambda now: now.why_apart is None and now.standby.values.position >= goal,
            every=_EVERY,
            within=job.allowed,
        )
        if done:
            news = f"It has everything that {seen.follows} had, up to offset {goal}; it was {seen.behind} bytes behind."
            raise SettledMeanwhile(news)
        if now.standby.standby and now.standby.follows == seen.follows:
            why = now.why_apart or f"It is {now.behind} bytes behind."
            raise StepError(ErrorType.NOT_YET, f"{why} Look at the log of {job.settings.where}.", now.evidence())
        raise StepError(
            ErrorType.WRONG_STATE,
            f"{now.why_apart} It can never catch up with {seen.follows}: reseed it first.",
            now.evidence(),
        )
