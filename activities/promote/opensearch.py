"""`promote.opensearch`: a domain's indices stop to follow their leaders, and take writes.

https://docs.opensearch.org/latest/tuning-your-cluster/replication-plugin/api/#stop-replication
"""

import asyncio
from dataclasses import dataclass

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.opensearch import NOTES, SEES, DomainView, OnDomain, note, read_domain
from activities.clients.opensearch_connections import OUTBOUND, outbound
from activities.clients.opensearch_following import stop
from activities.clients.opensearch_pair import Pair, operations, read_pair
from activities.clients.opensearch_rules import Rule, read_rules, remove_rule
from activities.clients.opensearch_wire import wire
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.stale import refuse_stale
from runbooks.aws.opensearch import OpensearchSettings
from runbooks.steps import ErrorType


class PromoteSettings(OpensearchSettings):
    """The domain, and in a planned procedure the one that it must have everything of."""

    upstream: OpensearchSettings | None = None


@dataclass(frozen=True)
class Heir:
    """The domain, and the rules by which it would follow new indices."""

    domain: DomainView
    rules: tuple[Rule, ...]

    def evidence(self) -> dict[str, JsonValue]:
        """What it said."""
        rules: list[JsonValue] = [rule.evidence() for rule in self.rules]
        return {**self.domain.evidence(), "rules": rules}


class PromoteOpensearch(OnDomain, Act[PromoteSettings, Heir]):
    """Removes the rules that follow new indices, and stops replication of each index; then they take writes.

    In a planned procedure the former writer must be fenced, and nothing of it missing. In a failover nothing is asked
    of it.
    """

    uses = "promote.opensearch"
    tested_against = "moto + fake (the domain's own interface, connections)"
    permissions = (*SEES, NOTES, OUTBOUND, "es:ESHttpPost", "es:ESHttpDelete")
    unscoped = frozenset({OUTBOUND})
    Settings = PromoteSettings
    every = 0.2

    async def _observe(self, job: Job[PromoteSettings]) -> Heir:
        settings = job.settings
        seen = await read_domain(job, settings)
        refuse_stale(job, seen.epoch, f"The domain {seen.name}")
        heir = Heir(seen, await read_rules(await wire(job, settings, seen.address), settings))
        why = _why_not(seen)
        if why is not None:
            raise StepError(ErrorType.WRONG_STATE, why, heir.evidence())
        return heir

    def _settled(self, job: Job[PromoteSettings], seen: Heir) -> str | None:
        done = seen.domain.open and not seen.domain.following and not seen.rules
        if not done or seen.domain.epoch != job.call.epoch:
            return None
        return f"{' and '.join(seen.domain.open)} take writes already, and follow nobody."

    async def _act(self, job: Job[PromoteSettings], seen: Heir) -> str:
        settings, domain = job.settings, seen.domain
        if settings.upstream is not None and domain.following:
            _must_have_everything(await read_pair(job, settings.upstream))
        if domain.epoch != job.call.epoch:
            await note(job, settings, domain)
        there = await wire(job, settings, domain.address)
        if seen.rules:
            aliases = [one.alias for one in await outbound(job, settings)]
            for rule in seen.rules:
                await remove_rule(there, settings, rule, aliases)
        ended = await asyncio.gather(*(stop(there, name) for name in domain.following), return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error
        now = await self._until_open(job, domain)
        halted = [f"{name} was {one.replication.state}" for name, one in domain.indices.items() if one.follows]
        was = f" Before, {', '.join(halted)}." if halted else ""
        return f"{' and '.join(now.domain.open)} take writes, and follow nobody.{was}"

    async def _until_open(self, job: Job[PromoteSettings], before: DomainView) -> Heir:
        async def look() -> Heir:
            now = await self._observe(job)
            job.progress.text = f"{len(now.domain.following)} indices still follow"
            return now

        def opened(now: Heir) -> bool:
            return not now.rules and set(before.following) <= set(now.domain.open)

        now, done = await poll(look, opened, every=self.every, within=job.allowed)
        if not done:
            left = [name for name in before.following if name not in now.domain.open]
            sentence = f"{' and '.join(left)} in {now.domain.name} take no writes yet: look at their blocks."
            raise StepError(ErrorType.NOT_YET, sentence, now.evidence())
        return now


def _why_not(seen: DomainView) -> str | None:
    """The sentence why it cannot take over, or None."""
    if not seen.indices:
        return f"The domain {seen.name} has none of the indices: there is nothing that could take writes."
    copying = [name for name in seen.following if seen.indices[name].copying]
    if copying:
        return f"{' and '.join(copying)} in {seen.name} are still being copied: to stop that would delete them."
    if not seen.following and not seen.open:
        return f"The indices of {seen.name} follow nobody, and are blocked: they are what a fence has left there."
    return None


def _must_have_everything(pair: Pair) -> None:
    """Raises StepError: in a planned procedure nothing may be lost, and there must be one writer."""
    above = pair.upstream
    why = None
    if above.open:
        why = (
            f"{' and '.join(above.open)} in {above.name} still take writes: there would be two writers. Fence it first."
        )
    lacking = {name: pair.lacks(name) for name in above.indices if pair.leads(name)}
    short = [f"{operations(lack)} of {name}" for name, lack in lacking.items() if lack != 0]
    if why is None and short:
        why = f"{pair.standby.name} lacks what {above.name} has: {', '.join(short)}."
    if why is not None:
        raise StepError(ErrorType.WRONG_STATE, why, pair.evidence())
