"""The shape of what applies a root module of Terraform: plan, show it before the approval, apply that and no other.

1. `.check`, before anybody is asked, plans: its preview becomes a part of the plan that is approved (`approved`).
2. The act plans again. Nothing to do: settled. Every change was approved: it is applied. Anything else stops, says
   what differs, and offers what it found: a person's `retry` of it approves that.

So a worker that dies in the middle costs nothing: what was applied is not in the next plan any more, and what is left
is a part of what was approved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import JsonValue

from activities.acting import Act
from activities.clients.terraform import Root, initialised
from activities.clients.terraform_epoch import EpochFile
from activities.clients.terraform_plan import Approved, Planned
from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType, Preview, StepResult
from runbooks.terraform import TerraformSettings

LOOKING = (
    "s3:GetObject",
    "s3:ListBucket",
    "sts:GetCallerIdentity",
    "or the same of another backend",
)
"""What reads a state."""
PERMISSIONS = (
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "s3:DeleteObject",
    "sts:GetCallerIdentity",
    "or the same of another backend, with its lock",
    "whatever the configuration manages",
)


class Applied(TerraformSettings):
    """What a plan adds to the settings."""

    approved: Approved | None = None
    """The changes that the approvers were shown; None: they could not be told before."""


@dataclass
class Applying:
    """What is seen: the outputs, and what is still to be done. It holds the plan file until the call ends."""

    terraform: Root
    outputs: dict[str, JsonValue]
    planned: Planned
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each resource took, once they are applied."""
    epoch: int | None = None

    def evidence(self) -> dict[str, JsonValue]:
        """Outputs that are no secret, and the changes in words."""
        changes = self.planned.changes
        told: dict[str, JsonValue] = {
            "outputs": {name: value for name, value in self.outputs.items() if not isinstance(value, dict | list)},
            "applied" if self.seconds else "changes": list(changes.lines),
            "digest": changes.digest,
        }
        return {**told, "seconds": dict(self.seconds)} if self.seconds else told


S = TypeVar("S", bound=Applied)


class Apply(Act[S, Applying], Generic[S]):
    """Brings what Terraform holds to what the configuration says. Never undone: nobody has been shown how."""

    def _variables(self, job: Job[S], outputs: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """The variables that the step itself decides."""
        del job, outputs
        return {}

    def _judge(self, job: Job[S], seen: Applying) -> None:
        """Raises StepError when the configuration cannot be what the runbook thinks."""

    async def _observe(self, job: Job[S]) -> Applying:
        epoch = EpochFile(self.home, job.settings).refuse_stale(job.call)
        job.progress.text = "preparing a working copy"
        terraform = await initialised(job, self.home)
        outputs = await terraform.outputs()
        job.progress.text = "planning"
        seen = Applying(terraform, outputs, await terraform.plan(self._variables(job, outputs)), epoch=epoch)
        self._judge(job, seen)
        return seen

    def _settled(self, job: Job[S], seen: Applying) -> str | None:
        return None if seen.planned.changes.changes else f"Nothing of {job.settings.named} is to be changed."

    async def _act(self, job: Job[S], seen: Applying) -> str:
        changes = seen.planned.changes
        refuse_deletes(job, seen)
        self._refuse_unapproved(job, seen)
        EpochFile(self.home, job.settings).note(job.call)
        events = await seen.terraform.apply(seen.planned)
        seen.seconds = events.done
        return f"Applied {job.settings.named}: {changes.summary()} (changes {changes.digest[:12]})."

    async def _observe_after(self, job: Job[S], seen: Applying) -> Applying:
        """The outputs as the state has them; that nothing is left, the next run's plan proves."""
        del job
        return Applying(seen.terraform, await seen.terraform.outputs(), seen.planned, seen.seconds)

    async def _check(self, job: Job[S]) -> StepResult:
        seen = await self._observe(job)
        refuse_deletes(job, seen)
        reason = self._settled(job, seen) or f"It would change {seen.planned.changes.summary()}."
        return StepResult(changed=False, reason=reason, before=seen.evidence(), preview=preview(job, seen))

    def _refuse_unapproved(self, job: Job[S], seen: Applying) -> None:
        changes, approved = seen.planned.changes, job.settings.approved
        beyond = ("what it would change was not shown to anybody",) if approved is None else changes.beyond(approved)
        if not beyond:
            return
        more = f" and {len(beyond) - 3} more" if len(beyond) > 3 else ""  # noqa: PLR2004 - a sentence
        raise StepError(
            ErrorType.WRONG_STATE,
            f"It is not what was approved: {'; '.join(beyond[:3])}{more}. Now it would change {changes.summary()} "
            f"({'; '.join(changes.lines[:10])}). Nothing was applied. A `retry` that names this step "
            "approves exactly that.",
            {"preview": preview(job, seen).model_dump(mode="json")},
        )


def refuse_deletes(job: Job[S], seen: Applying) -> None:
    """Raises StepError naming what would be deleted or replaced, unless the settings allow it."""
    gone = seen.planned.changes.destroyed
    if not gone or job.settings.allow_delete:
        return
    named = ", ".join(gone[:10]) + (f" and {len(gone) - 10} more" if len(gone) > 10 else "")  # noqa: PLR2004
    raise StepError(
        ErrorType.WRONG_STATE,
        f"Terraform would delete or replace {named}, and this step may not: nothing was changed. Look why; "
        "`allow_delete: true` in its settings lets it.",
        seen.evidence(),
    )


def preview(job: Job[S], seen: Applying) -> Preview:
    """What the approver reads, and what then stands in the step's settings."""
    changes = seen.planned.changes
    title = (
        f"{job.call.resource} in {job.call.region}, by Terraform: {changes.summary()} (changes {changes.digest[:12]})"
    )
    return Preview(
        approved=changes.approved().model_dump(mode="json"),
        lines=(title, *(f"{job.call.resource}: {line}" for line in (*changes.lines, *seen.planned.notes))),
    )
