"""`catch_up.opensearch`: wait until a domain's indices have what their leaders have."""

from activities.awaiting import Wait
from activities.clients.opensearch import SEES, OnDomain
from activities.clients.opensearch_connections import OUTBOUND
from activities.clients.opensearch_pair import FollowerSettings, Pair, operations, read_pair
from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType


class CatchUpSettings(FollowerSettings):
    """A domain, and its leader: to be nearly as far, or to have everything."""

    exact: bool = False


class CatchUpOpensearch(OnDomain, Wait[CatchUpSettings, Pair]):
    """Compares the checkpoint of each index with what its leader was given; of a fenced leader that is all there is."""

    uses = "catch_up.opensearch"
    tested_against = "moto + fake (the domain's own interface, connections)"
    permissions = (*SEES, OUTBOUND)
    unscoped = frozenset({OUTBOUND})
    Settings = CatchUpSettings
    every = 0.5

    async def _observe(self, job: Job[CatchUpSettings]) -> Pair:
        seen = await read_pair(job, job.settings.upstream)
        why = _why_never(job, seen)
        if why is not None:
            raise StepError(ErrorType.WRONG_STATE, why, seen.evidence())
        return seen

    def _settled(self, job: Job[CatchUpSettings], seen: Pair) -> str | None:
        behind, where = seen.behind, seen.upstream.name
        if behind is None or seen.unfollowed:
            return None
        if job.settings.exact:
            return f"It has everything that {where} has." if behind == 0 else None
        return f"It is {operations(behind)} behind {where}." if behind <= job.settings.near else None

    def _told(self, seen: Pair) -> str:
        return _distance(seen)

    def _late(self, job: Job[CatchUpSettings], now: Pair) -> str:
        del job
        return f"{_distance(now)} Look at its replication."


def _distance(seen: Pair) -> str:
    if seen.unfollowed:
        return f"{seen.standby.name} does not follow {' and '.join(seen.unfollowed)} of {seen.upstream.name} yet."
    return f"{seen.standby.name} is {operations(seen.behind)} behind {seen.upstream.name}."


def _why_never(job: Job[CatchUpSettings], seen: Pair) -> str | None:
    """The sentence why it will never be there by itself, or None."""
    if seen.upstream.standby:
        return f"{seen.upstream.name} is no writer, and follows another domain itself: look where the writer is."
    own = [name for name in seen.standby.own if name in seen.upstream.indices]
    if own:
        return f"{' and '.join(own)} in {seen.standby.name} follow nobody: reseed it first."
    halted = next((why for name in seen.upstream.indices if seen.leads(name) and (why := seen.halted(name))), None)
    if halted is None and job.settings.exact and seen.upstream.open:
        return f"{' and '.join(seen.upstream.open)} in {seen.upstream.name} still take writes: fence it first."
    return halted
