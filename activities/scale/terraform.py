"""`scale.terraform`: capacity whose size is a variable of a root module of Terraform."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import JsonValue

from activities.applying_terraform import PERMISSIONS, Applied, Applying, ApplyTerraform
from activities.clients.terraform_state import ready_of, size_of
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import poll
from activities.scaling import Size
from runbooks.steps import ErrorType
from runbooks.terraform import TerraformCapacity


class TerraformSize(TerraformCapacity, Applied, Size):
    """The capacity, how large it must be, and what of that was approved."""


class ScaleTerraform(ApplyTerraform[TerraformSize]):
    """Plans with the size that is needed, applies exactly what was approved, and waits until that many serve."""

    tested_against = "the real terraform"
    uses = "scale.terraform"
    permissions = PERMISSIONS
    Settings = TerraformSize
    every: ClassVar[float] = 2.0
    """Seconds between two looks at the output that tells how many serve."""

    def _variables(self, job: Job[TerraformSize], outputs: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """Never fewer than there are, unless traffic has left."""
        wanted = job.settings.replicas
        size = min(wanted, size_of(job, outputs)) if job.settings.down else max(wanted, size_of(job, outputs))
        return {job.settings.size_variable: size}

    def _judge(self, job: Job[TerraformSize], seen: Applying) -> None:
        settings = job.settings
        if settings.size_variable not in seen.planned.changes.variables:
            raise StepError(
                ErrorType.BAD_SETTINGS,
                f"{settings.named} has no variable {settings.size_variable}, so it cannot be sized by it: name its "
                "variable as `size_variable`.",
            )
        if settings.told_by not in seen.planned.outputs:
            raise StepError(
                ErrorType.BAD_SETTINGS,
                f"{settings.named} has no output {settings.told_by} that tells its size: add it, or name another "
                "as `size_output`.",
            )

    def _settled(self, job: Job[TerraformSize], seen: Applying) -> str | None:
        if seen.planned.changes.changes:
            return None
        ready = ready_of(job, seen.outputs)
        if job.settings.down or ready >= job.settings.replicas:
            return f"Nothing is to be changed: {size_of(job, seen.outputs)} are applied and {ready} are ready."
        return None

    async def _act(self, job: Job[TerraformSize], seen: Applying) -> str:
        done = "Everything was applied already."
        if seen.planned.changes.changes:
            done = await super()._act(job, seen)
        if job.settings.down:
            return done
        return f"{done} {await self._until_ready(job, seen)} are ready."

    async def _until_ready(self, job: Job[TerraformSize], seen: Applying) -> int:
        settings, needed = job.settings, job.settings.replicas

        async def look() -> int:
            if settings.ready_output is None:
                return ready_of(job, await seen.terraform.outputs())
            # The state has the output as it was at the apply; a refreshing plan reads it anew, and writes nothing.
            size = size_of(job, await seen.terraform.outputs())
            now = await seen.terraform.plan({settings.size_variable: size}, refresh_only=True)
            ready = ready_of(job, now.outputs)
            job.progress.text = f"{ready} of {needed} are ready"
            return ready

        ready, enough = await poll(look, lambda now: now >= needed, every=self.every, within=job.allowed)
        if not enough:
            raise StepError(
                ErrorType.NOT_YET,
                f"{ready} of {needed} of {job.call.resource} in {job.call.region} are ready after {job.allowed:g} s, "
                f"as the output {settings.ready_output or settings.told_by} tells: look why the others are not.",
            )
        return ready
