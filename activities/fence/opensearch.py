"""`fence.opensearch`: a domain's indices take no more writes, proved by the cluster's own blocks; replication goes on.

https://docs.opensearch.org/latest/api-reference/index-apis/blocks/
"""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.opensearch import NOTES, SEES, DomainView, OnDomain, bar, liftable, note, read_domain, unbar
from activities.contract import Job
from activities.errors import StepError
from activities.stale import refuse_stale
from runbooks.aws.opensearch import OpensearchSettings
from runbooks.steps import ErrorType, StepResult

_SILENT = frozenset({ErrorType.UNREACHABLE, ErrorType.TIMED_OUT})


@dataclass(frozen=True)
class Suspect:
    """The domain being left, or why nothing can be seen of it."""

    seen: DomainView | StepError

    @property
    def why_fenced(self) -> str | None:
        """The sentence why it takes no writes, or None."""
        if isinstance(self.seen, StepError) or self.seen.open or not self.seen.indices:
            return None
        how = "follow another domain" if self.seen.standby else "are blocked"
        return f"It takes no writes: its indices {how}."

    def evidence(self) -> dict[str, JsonValue]:
        """What it said."""
        return {"silence": self.seen.sentence} if isinstance(self.seen, StepError) else self.seen.evidence()


class FenceOpensearch(OnDomain, Act[OpensearchSettings, Suspect]):
    """Blocks writes to each index, once those under way are over; undone, it lifts what this decision has set.

    A domain that is silent is answered `proved=False`: a person or a policy decides. An index that clients create after
    the fence is not blocked: then it is no proof any more, and the detector tells of a writer.
    """

    uses = "fence.opensearch"
    tested_against = "moto + fake (the domain's own interface, connections)"
    permissions = (*SEES, NOTES, "es:ESHttpPut")
    Settings = OpensearchSettings
    undoable = True

    async def _observe(self, job: Job[OpensearchSettings]) -> Suspect:
        try:
            seen = await read_domain(job, job.settings)
        except StepError as error:
            if error.kind not in _SILENT:
                raise
            return Suspect(error)
        refuse_stale(job, seen.epoch, f"The domain {seen.name}")
        if not seen.indices:
            sentence = (
                f"The domain {seen.name} has none of {' and '.join(job.settings.indices)}: nothing can be blocked."
            )
            raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
        return Suspect(seen)

    def _settled(self, job: Job[OpensearchSettings], seen: Suspect) -> str | None:
        if isinstance(seen.seen, StepError):
            return _unfenced(job, seen.seen)
        known = seen.seen.standby or seen.seen.epoch == job.call.epoch
        return seen.why_fenced if known else None

    def _proved(self, seen: Suspect) -> bool:
        return seen.why_fenced is not None

    async def _check(self, job: Job[OpensearchSettings]) -> StepResult:
        seen = await self._observe(job)
        if isinstance(seen.seen, StepError):
            reason, ready = _unfenced(job, seen.seen), False
        else:
            reason, ready = seen.why_fenced or f"{' and '.join(seen.seen.open)} could be blocked.", True
        return StepResult(changed=False, proved=ready, reason=reason, before=seen.evidence())

    async def _act(self, job: Job[OpensearchSettings], seen: Suspect) -> str:
        assert isinstance(seen.seen, DomainView)
        now = seen.seen
        if now.barred_by(job.call.epoch) is None:  # else an earlier attempt has noted how it was before
            await note(job, job.settings, now, barring=True)
        if now.open:
            await bar(job, job.settings, now, now.open)
        after = await self._observe(job)
        if not isinstance(after.seen, StepError) and after.seen.open:
            sentence = (
                f"{' and '.join(after.seen.open)} in {now.name} take writes still, or again: they are blocked next."
            )
            raise StepError(ErrorType.NOT_YET, sentence, after.evidence())
        what = f"{' and '.join(now.open)} are blocked" if now.open else "its indices were blocked already"
        return f"It takes no more writes: {what}; decision {job.call.epoch} was noted."

    async def _undo(self, job: Job[OpensearchSettings], before: dict[str, JsonValue]) -> StepResult:
        del before  # its own tags say what was blocked
        seen = await self._observe(job)
        if isinstance(seen.seen, StepError):
            raise seen.seen
        kept = seen.seen.barred_by(job.call.epoch)
        ours = () if kept is None else tuple(name for name in liftable(seen.seen) if name not in kept)
        if not ours:
            result = self._result(job, seen, seen, "It has no fence of this decision.", changed=False)
            return result.model_copy(update={"proved": True})
        await unbar(job, job.settings, seen.seen, ours)
        reason = f"It takes writes again: the block of {' and '.join(ours)} was lifted."
        result = self._result(job, seen, await self._observe(job), reason, changed=True)
        return result.model_copy(update={"proved": True})


def _unfenced(job: Job[OpensearchSettings], silence: StepError) -> str:
    return f"It could not be fenced in {job.call.region}, and may still take writes. {silence.sentence}"
