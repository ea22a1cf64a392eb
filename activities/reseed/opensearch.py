"""`reseed.opensearch`: a former writer's indices follow those of the new one. What was there is kept under other names.

Replication cannot make an index a follower of another: it copies it anew. So each former index is cloned as
`evac-<decision>-<index>` before it is deleted; when nobody needs it any more, its owner deletes that.
"""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.opensearch import NOTES, SEES, DomainView, OnDomain, bar, note
from activities.clients.opensearch_connections import CONNECTS, INBOUND, OUTBOUND, Connection, connected
from activities.clients.opensearch_following import keep, kept_name, start, stop
from activities.clients.opensearch_index import SYNCING
from activities.clients.opensearch_pair import FollowerSettings, Pair, read_pair
from activities.clients.opensearch_rules import Rule, add_rule, read_rules, remove_rule, wanted_rules
from activities.clients.opensearch_wire import Wire, wire
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from runbooks.steps import ErrorType


@dataclass(frozen=True)
class Rebuild:
    """Both domains, and the rules of the one that is to follow."""

    pair: Pair
    rules: tuple[Rule, ...]
    missing: tuple[Rule, ...]
    """Rules that it should have and has not; all, while there is no connection."""

    @property
    def follows(self) -> bool:
        """Every index of the upstream is followed, and all that was to be copied has been."""
        pair = self.pair
        syncing = all(pair.standby.indices[name].replication.state == SYNCING for name in pair.standby.following)
        return not pair.unfollowed and syncing and not self.missing

    def evidence(self) -> dict[str, JsonValue]:
        """What both said."""
        rules: list[JsonValue] = [rule.evidence() for rule in self.rules]
        return {**self.pair.evidence(), "rules": rules}


class ReseedOpensearch(OnDomain, Act[FollowerSettings, Rebuild]):
    """Connects the domains, keeps each former index under another name, and has a new one follow. Waits for the copies.

    It touches no index that takes writes: the former writer must be fenced. What only it has stays, blocked.
    """

    uses = "reseed.opensearch"
    tested_against = "moto + fake (the domain's own interface, connections)"
    permissions = (
        *SEES,
        NOTES,
        *CONNECTS,
        INBOUND,
        OUTBOUND,
        "es:ESHttpPost",
        "es:ESHttpPut",
        "es:ESHttpDelete",
    )
    unscoped = frozenset({INBOUND, OUTBOUND, "es:AcceptInboundConnection"})
    Settings = FollowerSettings
    every = 1.0

    async def _observe(self, job: Job[FollowerSettings]) -> Rebuild:
        settings = job.settings
        pair = await read_pair(job, settings.upstream)
        rules = await read_rules(await wire(job, settings, pair.standby.address), settings)
        aliases = [one.alias for one in pair.connections if one.other == pair.upstream.name and one.stands]
        wanted = [wanted_rules(settings, alias) for alias in aliases] or [wanted_rules(settings, "")]
        missing = min(([rule for rule in one if not rule.is_in(rules)] for one in wanted), key=len)
        seen = Rebuild(pair, rules, tuple(missing))
        why = _why_not(job, pair)
        if why is not None:
            raise StepError(ErrorType.WRONG_STATE, why, seen.evidence())
        return seen

    def _settled(self, job: Job[FollowerSettings], seen: Rebuild) -> str | None:
        if not seen.follows or seen.pair.standby.epoch != job.call.epoch:
            return None
        return f"It follows {seen.pair.upstream.name} already: {' and '.join(seen.pair.upstream.indices)}."

    async def _act(self, job: Job[FollowerSettings], seen: Rebuild) -> str:
        settings, pair = job.settings, seen.pair
        if pair.standby.epoch != job.call.epoch:
            await note(job, settings, pair.standby)
        connection = await connected(job, (settings, pair.standby), (settings.upstream, pair.upstream))
        there = await wire(job, settings, pair.standby.address)
        wanted = wanted_rules(settings, connection.alias)
        for rule in seen.rules:
            if not any(rule.is_in((one,)) for one in wanted) and rule.alias != connection.alias:
                await remove_rule(there, settings, rule, [one.alias for one in pair.connections])
        kept = [await self._follow(job, there, pair, name, connection) for name in pair.unfollowed]
        for rule in wanted:
            if not rule.is_in(seen.rules):
                await add_rule(there, settings, rule, guarded=pair.standby.guarded)
        await self._until_copied(job)
        names = [name for name in kept if name]
        told = f" What was there is kept, blocked, as {' and '.join(names)}." if names else ""
        return f"It follows {pair.upstream.name}: {' and '.join(pair.upstream.indices)}.{told}"

    async def _follow(
        self, job: Job[FollowerSettings], there: Wire, pair: Pair, name: str, connection: Connection
    ) -> str:
        """Have that index follow the upstream's; the name of what is kept of it, if there was any. Raises StepError."""
        job.progress.text = f"{name} is to follow"
        one = pair.standby.indices.get(name)
        if one is not None and one.follows:  # another domain, or it has been halted: then it is no use any more
            await stop(there, name)
        # Nothing is deleted that has become a follower, or another decision's writer, since it was looked at.
        now = (await self._observe(job)).pair.standby if one is not None else pair.standby
        one = now.indices.get(name)
        if one is not None and one.follows:
            raise StepError(ErrorType.NOT_YET, f"{name} in {now.name} follows still, or again: it is looked at again.")
        if one is not None and one.takes_writes:
            await bar(job, job.settings, now, (name,))
        if one is not None:
            await keep(there, name, job.call.epoch)
        await start(there, job.settings, name, connection.alias, guarded=pair.standby.guarded)
        return "" if one is None else kept_name(name, job.call.epoch)

    async def _until_copied(self, job: Job[FollowerSettings]) -> None:
        async def look() -> Rebuild:
            now = await self._observe(job)
            pair = now.pair
            if pair.standby.open:
                raise StepError(ErrorType.WRONG_STATE, _anew(pair.standby), now.evidence())
            states = [f"{name} is {pair.standby.indices[name].replication.state}" for name in pair.standby.following]
            job.progress.text = ", ".join(states)
            return now

        now, done = await poll(look, lambda now: now.follows, every=self.every, within=job.allowed)
        if not done:
            left = " and ".join(now.pair.unfollowed) or "what is being copied"
            sentence = f"{now.pair.standby.name} does not follow {left} yet: look at its replication."
            raise StepError(ErrorType.NOT_YET, sentence, now.evidence())


def _anew(own: DomainView) -> str:
    """A client has written between the deletion and the start: what it wrote is in an index of its own."""
    names = " and ".join(own.open)
    return (
        f"{names} in {own.name} take writes: a client has created them anew. Have it stop (`action.auto_create_index` "
        "forbids it), save what is in them, delete them, then say retry."
    )


def _why_not(job: Job[FollowerSettings], pair: Pair) -> str | None:
    """The sentence why this would destroy what must be kept, or None."""
    above, own = pair.upstream, pair.standby
    if above.standby or not above.open:
        return f"{above.name} is no writer: nothing can follow it. Look where the writer is."
    if above.following:
        return f"{' and '.join(above.following)} in {above.name} follow another domain: promote it first."
    # What this very decision has stopped takes writes until it is blocked: a moment, in which a worker may have died.
    if own.open and own.epoch != job.call.epoch:
        return f"{' and '.join(own.open)} in {own.name} still take writes: fence it first."
    return None
