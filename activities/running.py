"""The shape of a runbook's own steps that run elsewhere: begin it once, follow it, and say how it ended.

RunElsewhere[S]    Act over what the other side knows of this run's step
Execution          one beginning of it, as the other side shows it
"""

import hashlib
import re
from abc import abstractmethod
from typing import ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import JsonValue

from activities.acting import Act, View
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll, scheduling
from runbooks.steps import ErrorType
from runbooks.values import Model

MOST_TOLD = 4000
"""So many characters of an output are kept: its end, where the error is."""


class Repeatable(Protocol):
    """Settings that say whether doing it twice does harm."""

    @property
    def repeatable(self) -> bool: ...  # noqa: D102


class Execution(View):
    """One beginning of the step's work."""

    id: str
    state: Literal["running", "done", "failed"]
    status: str
    """The other side's own word for it."""
    scheduling: str = ""
    """Which scheduling of the step began it (`mark_of_scheduling`): a later one is a person's `retry`."""
    epoch: int | None = None
    detail: str = ""
    """What is known of how far it is, or why it failed."""
    output: JsonValue = None


class ExecutionView(View):
    """The newest execution of this run's step; None: it was never begun."""

    execution: Execution | None = None


S = TypeVar("S", bound=Model)


class RunElsewhere(Act[S, ExecutionView], Generic[S]):
    """Runs it once.

    What was begun is recognised by run and step, whoever began it: a worker that comes after a death, or after an
    answer that was lost, follows it and begins no other. An execution that failed is begun anew only by a person's
    `retry`, or when the settings call it `repeatable`.

    Must give `_newest` and `_begin`.
    """

    every: ClassVar[float] = 1.0
    """Seconds between two looks."""
    what: ClassVar[str]
    """`The automation`."""

    @abstractmethod
    async def _newest(self, job: Job[S]) -> Execution | None:
        """The newest execution of this run's step. Raises StepError, also when it could not be run at all."""

    @abstractmethod
    async def _begin(self, job: Job[S], before: Execution | None) -> None:
        """Begin one, marked with run, step, epoch and scheduling; `before` is one that failed. Raises StepError."""

    async def _attend(self, job: Job[S], now: Execution) -> None:
        """What has to be done while it runs."""

    async def _observe(self, job: Job[S]) -> ExecutionView:
        found = await self._newest(job)
        if found is not None and (found.epoch or 0) > job.call.epoch:
            raise StepError(
                ErrorType.STALE_EPOCH,
                f"{self.what} was begun by decision {found.epoch}, which is newer than this run's {job.call.epoch}: "
                "nothing was begun.",
                found.evidence(),
            )
        return ExecutionView(execution=found)

    def _settled(self, job: Job[S], seen: ExecutionView) -> str | None:
        del job
        done = seen.execution is not None and seen.execution.state == "done"
        return f"{self.what} has run already, and ended well." if done else None

    async def _act(self, job: Job[S], seen: ExecutionView) -> str:
        now = seen.execution
        if now is None or (now.state == "failed" and self._again(job, now)):
            await self._begin(job, now)
            before = now.id if now is not None else None
            now = await self._appeared(job, before)
        now = await self._followed(job, now)
        if now.state == "failed":
            kind = ErrorType.NOT_YET if _repeatable(job) else ErrorType.WRONG_STATE
            reason = f": {now.detail}" if now.detail else ""
            raise StepError(kind, f"{self.what} ended as {now.status}{reason.rstrip('.')}.", now.evidence())
        return f"{self.what} ran, and ended well."

    def _again(self, job: Job[S], failed: Execution) -> bool:
        return _repeatable(job) or failed.scheduling != mark_of_scheduling()

    async def _appeared(self, job: Job[S], before: str | None) -> Execution:
        """What was begun just now; the other side may take a moment to show it."""
        view, there = await poll(
            lambda: self._observe(job),
            lambda view: view.execution is not None and view.execution.id != before,
            every=min(self.every, 0.5),
            within=min(20.0, job.allowed),
        )
        if not there or view.execution is None:
            raise StepError(ErrorType.NOT_YET, f"{self.what} was begun, and is not shown yet: it is looked at again.")
        return view.execution

    async def _followed(self, job: Job[S], now: Execution) -> Execution:
        async def look() -> Execution:
            nonlocal now
            try:
                now = (await self._observe(job)).execution or now
                if now.state == "running":
                    await self._attend(job, now)
            except StepError as error:
                if error.final:
                    raise
            job.progress.text = f"{now.status}{f': {now.detail}' if now.detail else ''}"
            return now

        if now.state == "running":
            await self._attend(job, now)
            now, ended = await poll(look, lambda one: one.state != "running", every=self.every, within=job.allowed)
            if not ended:
                reason = f" ({now.detail})" if now.detail else ""
                sentence = f"{self.what} is {now.status}{reason} after {job.allowed:g} s: look at {now.id}."
                raise StepError(ErrorType.NOT_YET, sentence, now.evidence())
        return now


def _repeatable(job: Job[S]) -> bool:
    return bool(getattr(job.settings, "repeatable", False))


def mark_of(job: Job[S]) -> str:
    """The same for every attempt of this run's step, and for nothing else: 16 letters and digits."""
    return hashlib.sha256(f"{job.call.run}\0{job.call.step}".encode()).hexdigest()[:16]


def mark_of_scheduling() -> str:
    """A short form of which scheduling this is."""
    return hashlib.sha256(scheduling().encode()).hexdigest()[:8]


def told(job: Job[S]) -> dict[str, JsonValue]:
    """What the other side is told of what it is part of."""
    call = job.call
    return {
        "runbook": call.runbook,
        "run": call.run,
        "step": call.step,
        "epoch": call.epoch,
        "region": call.region,
        "scheduling": mark_of_scheduling(),
    }


def label_of(job: Job[S]) -> str:
    """One line that says the same, to be read back by `Label`: the mark first, for people the step last."""
    return f"evac {mark_of(job)} e{job.call.epoch} {mark_of_scheduling()} {job.call.run} {job.call.step}"


class Label(View):
    """What `label_of` has written."""

    mark: str
    epoch: int
    scheduling: str

    @classmethod
    def read(cls, text: str) -> "Label | None":
        """None: it was not begun by Evac."""
        found = _LABEL.match(text)
        return cls(mark=found[1], epoch=int(found[2]), scheduling=found[3]) if found else None


_LABEL = re.compile(r"evac ([0-9a-f]{16}) e(\d+) ([0-9a-f]{8}) ")
