"""The shape of what applies a description of many resources: plan, show it before the approval, apply that, no other.

1. `.check`, before anybody is asked, plans: its preview becomes a part of the plan that is approved (`approved`).
2. The act plans again. Nothing to do: settled. Every change was approved: it is applied. Anything else stops, says
   what differs, and offers what it found: a person's `retry` of it approves that.

So a worker that dies in the middle costs nothing: what was applied is not in the next plan any more, and what is left
is a part of what was approved.
"""

from abc import abstractmethod
from typing import ClassVar, Generic, Protocol, TypeVar

from pydantic import JsonValue

from activities.acting import Act
from activities.approving import Approved, Changes
from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType, Preview, StepResult
from runbooks.values import Model


class Approvable(Model):
    """What a plan adds to the settings."""

    allow_delete: bool = False
    approved: Approved | None = None
    """The changes that the approvers were shown; None: they could not be told before."""

    @property
    def named(self) -> str:
        """What is applied, in words."""
        raise NotImplementedError


class Planned(Protocol):
    """What is seen: what is still to be done."""

    @property
    def changes(self) -> Changes: ...  # noqa: D102

    @property
    def notes(self) -> tuple[str, ...]:
        """What else the approver should know."""
        ...

    def evidence(self) -> dict[str, JsonValue]: ...  # noqa: D102


S = TypeVar("S", bound=Approvable)
P = TypeVar("P", bound=Planned)


class Apply(Act[S, P], Generic[S, P]):
    """Brings what is there to what is described. Never undone: nobody has been shown how.

    Must give `_observe`, which plans and refuses a stale decision, `_carry_out`, and `by`.
    """

    by: ClassVar[str]
    """Who plans it, in a word: Terraform."""

    @abstractmethod
    async def _carry_out(self, job: Job[S], seen: P) -> None:
        """Note the decision, and apply exactly that. Raises StepError."""

    def _settled(self, job: Job[S], seen: P) -> str | None:
        return None if seen.changes.changes else f"Nothing of {job.settings.named} is to be changed."

    async def _act(self, job: Job[S], seen: P) -> str:
        changes = seen.changes
        self._refuse_deletes(job, seen)
        self._refuse_unapproved(job, seen)
        await self._carry_out(job, seen)
        return f"Applied {job.settings.named}: {changes.summary()} (changes {changes.digest[:12]})."

    async def _check(self, job: Job[S]) -> StepResult:
        seen = await self._observe(job)
        self._refuse_deletes(job, seen)
        reason = self._settled(job, seen) or f"It would change {seen.changes.summary()}."
        return StepResult(changed=False, reason=reason, before=seen.evidence(), preview=self._preview(job, seen))

    def _refuse_unapproved(self, job: Job[S], seen: P) -> None:
        changes, approved = seen.changes, job.settings.approved
        beyond = ("what it would change was not shown to anybody",) if approved is None else changes.beyond(approved)
        if not beyond:
            return
        more = f" and {len(beyond) - 3} more" if len(beyond) > 3 else ""  # noqa: PLR2004 - a sentence
        raise StepError(
            ErrorType.WRONG_STATE,
            f"It is not what was approved: {'; '.join(beyond[:3])}{more}. Now it would change {changes.summary()} "
            f"({'; '.join(changes.lines[:10])}). Nothing was applied. A `retry` that names this step "
            "approves exactly that.",
            {"preview": self._preview(job, seen).model_dump(mode="json")},
        )

    def _refuse_deletes(self, job: Job[S], seen: P) -> None:
        """Raises StepError naming what would be deleted or replaced, unless the settings allow it."""
        gone = seen.changes.destroyed
        if not gone or job.settings.allow_delete:
            return
        named = ", ".join(gone[:10]) + (f" and {len(gone) - 10} more" if len(gone) > 10 else "")  # noqa: PLR2004
        raise StepError(
            ErrorType.WRONG_STATE,
            f"{self.by} would delete or replace {named}, and this step may not: nothing was changed. Look why; "
            "`allow_delete: true` in its settings lets it.",
            seen.evidence(),
        )

    def _preview(self, job: Job[S], seen: P) -> Preview:
        """What the approver reads, and what then stands in the step's settings."""
        changes, call = seen.changes, job.call
        title = f"{call.resource} in {call.region}, by {self.by}: {changes.summary()} (changes {changes.digest[:12]})"
        return Preview(
            approved=changes.approved().model_dump(mode="json"),
            lines=(title, *(f"{call.resource}: {line}" for line in (*changes.lines, *seen.notes))),
        )
