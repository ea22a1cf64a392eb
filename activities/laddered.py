"""The shape of a group with a ladder of others beside it: what one has no capacity for, the next one gives.

Laddered    Scale over a Family (`family.py`); nothing that serves is changed, and each group keeps the decision that
            sized it
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from pydantic import JsonValue

from activities.contract import Job
from activities.errors import StepError
from activities.family import Family, Member
from activities.lifeline import meanwhile, poll
from activities.scaling import S, Scale
from runbooks.steps import ErrorType, StepResult

F = TypeVar("F", bound=Family)


class Laddered(Scale[S, F], Generic[S, F]):
    """Must give `_see`, `_size`, `_was`, `_names`. May give `_resume_member`, and `_unaffordable`."""

    @abstractmethod
    async def _size(self, job: Job[S], member: Member, wanted: int, was: Member | None) -> None:
        """Have one group so large, and note the decision in it; `was`: as it was before the step, which is undone.

        Raises StepError; NO_CAPACITY when there is none.
        """

    @abstractmethod
    def _names(self, settings: S) -> tuple[str, ...]:
        """What each member is called, for operators. Pure."""

    async def _resume_member(self, job: Job[S], member: Member) -> None:
        """Go on waiting for what an earlier attempt has ordered of it. Raises StepError, as `_size`."""
        del job, member

    async def _unaffordable(self, job: Job[S], member: Member, more: int) -> str | None:
        """The sentence why it could not have so many more, as far as can be seen without trying."""
        del job, member, more
        return None

    async def _refuse(self, job: Job[S], seen: F, needed: int) -> None:
        for member in seen.members:
            if member.absent:
                raise StepError(ErrorType.NOT_FOUND, member.absent, seen.evidence())
        tried: list[str] = []
        for rung, member in enumerate(seen.members):
            why = await self._unaffordable(job, member, max(0, seen.share(rung, needed) - member.desired))
            if why is None:
                return
            tried.append(why)
        raise self._no_capacity(job, seen, needed, tried)

    def _settled(self, job: Job[S], seen: F) -> str | None:
        if not job.settings.down and any(one.busy for one in seen.members):
            return None  # it may be this very step, by a worker that has died
        return super()._settled(job, seen)

    async def _order(self, job: Job[S], seen: F, wanted: int) -> None:
        """Fewer, from the ladder's end up."""
        spare = seen.desired - wanted
        for member in reversed(seen.members):
            taken = min(spare, member.desired)
            if taken > 0:
                await self._size(job, member, member.desired - taken, None)
                spare -= taken

    async def _grow(self, job: Job[S], seen: F, needed: int) -> str:
        now, tried = seen, list[str]()
        anew = all(one.in_vain(job.call.epoch) for one in seen.members)  # and a person has said retry
        for rung in range(len(seen.members)):
            try:
                now = await self._try(job, now, rung, needed, anew=anew)
            except StepError as error:
                if error.kind is not ErrorType.NO_CAPACITY:
                    raise
                tried.append(error.sentence)
                now = await self._observe(job)
            if now.ready >= needed:
                by = f", with {self._names(job.settings)[rung]} of its ladder" if rung else ""
                return f"{now.ready} {self.unit} are ready{by}; before there were {seen.ready}."
        raise self._no_capacity(job, now, needed, tried)

    async def _try(self, job: Job[S], now: F, rung: int, needed: int, *, anew: bool) -> F:
        """Have that one give what is missing, and wait until it serves. Raises StepError."""
        member, wanted = now.members[rung], now.share(rung, needed)
        if member.absent:
            raise StepError(ErrorType.NO_CAPACITY, member.absent)
        if member.in_vain(job.call.epoch) and not anew:
            raise StepError(ErrorType.NO_CAPACITY, member.why)
        if member.busy and member.desired < wanted:
            now = await self._turn(job, now, rung)
            member = now.members[rung]
        if rung:
            job.progress.text = f"there is no more; {self._names(job.settings)[rung]} of the ladder is tried"

        async def tell() -> None:
            await self._patiently(job, now, needed)

        async with meanwhile(tell, every=self.every):
            if member.desired < wanted or member.failed:
                await self._size(job, member, max(wanted, member.desired), None)
            else:
                await self._resume_member(job, member)
        return await self._served(job, now, rung, needed)

    async def _served(self, job: Job[S], seen: F, rung: int, needed: int) -> F:
        """Wait for it. Raises StepError."""
        now, enough = await poll(
            lambda: self._patiently(job, seen, needed),
            lambda now: self._enough(now, rung, needed) or self._stuck(job, now.members[rung]),
            every=self.every,
            within=job.allowed,
        )
        member = now.members[rung]
        if self._enough(now, rung, needed):
            return now
        if self._stuck(job, member):
            raise StepError(ErrorType.NO_CAPACITY if member.full else ErrorType.WRONG_STATE, member.why, now.evidence())
        assert not enough
        raise StepError(ErrorType.NOT_YET, self._late(job, now, needed), now.evidence())

    def _said(self, seen: F) -> str:
        return "; ".join(one.why.rstrip(".") for one in seen.members if one.why)

    @staticmethod
    def _enough(now: F, rung: int, needed: int) -> bool:
        return now.ready >= needed and not now.members[rung].busy

    @staticmethod
    def _stuck(job: Job[S], member: Member) -> bool:
        return member.failed and member.epoch == job.call.epoch and not member.busy

    async def _turn(self, job: Job[S], seen: F, rung: int) -> F:
        job.progress.text = f"{seen.members[rung].name} is being changed: that comes first"
        now, free = await poll(
            lambda: self._observe(job), lambda now: not now.members[rung].busy, every=self.every, within=job.allowed
        )
        if not free:
            sentence = f"{now.members[rung].name} is being changed, and takes no other change: it is tried again."
            raise StepError(ErrorType.BUSY, sentence, now.evidence())
        return now

    def _no_capacity(self, job: Job[S], seen: F, needed: int, tried: Sequence[str]) -> StepError:
        names = zip(self._names(job.settings), tried, strict=False)
        words = "; ".join(f"{name}: {why.rstrip('.')}" for name, why in names)
        sentence = (
            f"{job.call.resource} in {job.call.region} has {seen.ready} of {needed} {self.unit}, and gets no more. "
            f"Tried: {words}. Add a rung to its ladder, reserve capacity or raise the quota, then say retry."
        )
        return StepError(ErrorType.NO_CAPACITY, sentence, {**seen.evidence(), "tried": list(tried)})

    async def _undo(self, job: Job[S], before: dict[str, JsonValue]) -> StepResult:
        was, seen = self._was(before), await self._observe(job)
        if was is None:
            reason = f"How large the group was is not known: its {seen.desired} {self.unit} are left."
            return self._result(job, seen, seen, reason, changed=False)
        known = {one.name: one for one in was.members}
        grown = [(one, known[one.name]) for one in seen.members if one.name in known]
        down = job.settings.down
        changed = [
            (one, old) for one, old in grown if (one.desired < old.desired if down else one.desired > old.desired)
        ]
        if not changed:
            reason = f"{seen.desired} {self.unit} are wanted already; before the step there were {was.desired}."
            return self._result(job, seen, seen, reason, changed=False)
        for one, old in reversed(changed):
            await self._size(job, one, old.desired, old)
        if down:
            await self._served(job, seen, 0, min(was.desired, was.ready))
        reason = f"{was.desired} {self.unit} are wanted; before there were {seen.desired}."
        return self._result(job, seen, await self._observe(job), reason, changed=True)
