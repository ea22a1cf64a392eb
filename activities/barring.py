"""The shape of a fence that is a statement in a resource's policy: it denies writes, and is lifted where they belong.

Gate            what is seen: is it barred, and which decision came last?
Barring         the acts on it: look, refuse a stale decision, note this one, change the policy
+-- Bar         no more writes (`reseed`)
|   +-- PolicyFence    the same, and what this decision has set can be lifted again (`fence`)
+-- Unbar       writes are taken here (`promote`)
"""

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import ClassVar, Generic, Protocol, TypeVar

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.policy import Mark
from activities.contract import Job, S
from activities.errors import StepError
from activities.lifeline import poll
from activities.stale import refuse_stale
from runbooks.steps import ErrorType, StepResult


class Gate(Protocol):
    """A resource whose policy may bar writes."""

    @property
    def fence(self) -> Mark | None: ...  # noqa: D102

    @property
    def newest(self) -> int | None:
        """The newest decision that it has kept."""
        ...

    def evidence(self) -> dict[str, JsonValue]: ...  # noqa: D102


G = TypeVar("G", bound=Gate)


class Barring(Act[S, G], Generic[S, G]):
    """Must give `_see`, `_note`, `_shut` and `_open`; each change is made under what `_see` saw, where AWS can tell."""

    every: ClassVar[float] = 1.0
    """Seconds between two looks while a policy is on its way."""

    @abstractmethod
    async def _see(self, job: Job[S]) -> G:
        """Look. Raises StepError, also when it may not be acted on."""

    @abstractmethod
    async def _note(self, job: Job[S], seen: G) -> None:
        """Keep the decision at the resource. Raises StepError."""

    @abstractmethod
    async def _shut(self, job: Job[S], seen: G) -> None:
        """Add the fence to the policy. Raises StepError."""

    @abstractmethod
    async def _open(self, job: Job[S], seen: G) -> None:
        """Take the fence out of the policy. Raises StepError."""

    async def _observe(self, job: Job[S]) -> G:
        seen = await self._see(job)
        refuse_stale(job, seen.newest, f"{job.call.resource} in {job.call.region}")
        return seen

    async def _noted(self, job: Job[S], seen: G) -> None:
        if (seen.newest or 0) < job.call.epoch:
            await self._note(job, seen)

    async def _bar(self, job: Job[S]) -> G:
        return await self._until(job, self._shut, lambda seen: seen.fence is not None)

    async def _unbar(self, job: Job[S]) -> G:
        return await self._until(job, self._open, lambda seen: seen.fence is None)

    async def _until(self, job: Job[S], change: Callable[[Job[S], G], Awaitable[None]], done: Callable[[G], bool]) -> G:
        """Change the policy, as soon as AWS takes it, and wait until it is seen. Raises StepError.

        DynamoDB takes no second change within 15 s of the first; S3 none while another is on its way.
        """
        deadline = asyncio.get_running_loop().time() + job.allowed
        while not done(seen := await self._observe(job)):
            try:
                await change(job, seen)
                break
            except StepError as error:
                if error.kind is not ErrorType.BUSY or asyncio.get_running_loop().time() + self.every > deadline:
                    raise
                job.progress.text = f"waiting until AWS takes the policy: {error.sentence}"
            await asyncio.sleep(self.every)
        left = max(0.0, deadline - asyncio.get_running_loop().time())
        now, shown = await poll(lambda: self._observe(job), done, every=self.every, within=left)
        if not shown:
            sentence = f"AWS has taken the policy of {job.call.resource}, and does not show it yet: look at it."
            raise StepError(ErrorType.NOT_YET, sentence, now.evidence())
        return now


class Bar(Barring[S, G], Generic[S, G]):
    """Bars writes; who has barred them before is left in place."""

    def _settled(self, job: Job[S], seen: G) -> str | None:
        if seen.fence is None or seen.newest != job.call.epoch:
            return None
        return f"It takes no writes: its policy denies them since decision {seen.fence.epoch}."

    async def _act(self, job: Job[S], seen: G) -> str:
        await self._noted(job, seen)
        if seen.fence is not None:
            kept = f"decision {job.call.epoch} was noted"
            return f"It takes no writes: its policy denies them since decision {seen.fence.epoch}; {kept}."
        await self._bar(job)
        return f"It takes no more writes: decision {job.call.epoch} denies them in its policy."


class PolicyFence(Bar[S, G], Generic[S, G]):
    """Bars writes; what this decision has set can be lifted again, exactly."""

    undoable = True

    async def _undo(self, job: Job[S], before: dict[str, JsonValue]) -> StepResult:
        del before  # the statement's own name tells whose it is
        seen = await self._observe(job)
        if seen.fence is None or seen.fence.epoch != job.call.epoch:
            return self._result(job, seen, seen, "It has no fence of this decision.", changed=False)
        after = await self._unbar(job)
        return self._result(job, seen, after, "It takes writes again: its fence was lifted.", changed=True)


class Unbar(Barring[S, G], Generic[S, G]):
    """Lets writes in."""

    def _settled(self, job: Job[S], seen: G) -> str | None:
        open_already = seen.fence is None and seen.newest == job.call.epoch
        return "It takes writes already: its policy has no fence of Evac's." if open_already else None

    async def _act(self, job: Job[S], seen: G) -> str:
        await self._noted(job, seen)
        if seen.fence is None:
            return f"It takes writes: its policy had no fence; decision {job.call.epoch} was noted."
        await self._unbar(job)
        return f"It takes writes: the fence of decision {seen.fence.epoch} was lifted from its policy."
