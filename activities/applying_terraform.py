"""What applies a root module of Terraform, by the shape of `applying.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import JsonValue

from activities.applying import Apply, Approvable
from activities.clients.terraform import Root, initialised
from activities.clients.terraform_epoch import EpochFile
from activities.clients.terraform_plan import Changes, Planned
from activities.contract import Job
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


class Applied(TerraformSettings, Approvable):
    """The root module, and what of its changes was approved."""


@dataclass
class Applying:
    """What is seen: the outputs, and what is still to be done. It holds the plan file until the call ends."""

    terraform: Root
    outputs: dict[str, JsonValue]
    planned: Planned
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each resource took, once they are applied."""
    epoch: int | None = None

    @property
    def changes(self) -> Changes:
        """What the plan file would do."""
        return self.planned.changes

    @property
    def notes(self) -> tuple[str, ...]:
        """What it costs, and the like."""
        return self.planned.notes

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


class ApplyTerraform(Apply[S, Applying], Generic[S]):
    """Brings what Terraform holds to what the configuration says."""

    by = "Terraform"

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

    async def _carry_out(self, job: Job[S], seen: Applying) -> None:
        EpochFile(self.home, job.settings).note(job.call)
        events = await seen.terraform.apply(seen.planned)
        seen.seconds = events.done

    async def _observe_after(self, job: Job[S], seen: Applying) -> Applying:
        """The outputs as the state has them; that nothing is left, the next run's plan proves."""
        del job
        return Applying(seen.terraform, await seen.terraform.outputs(), seen.planned, seen.seconds)
