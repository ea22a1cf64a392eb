"""What applies a template of Azure Resource Manager, by the shape of `applying.py`: what-if in place of a plan.

Azure has no plan that could be applied later: what-if is asked again just before, and a change that comes between the
two is seen by nobody. What is sent is the template, with the parameters, of which the hash was approved.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar

from pydantic import JsonValue
from temporalio import activity

from activities.applying import Apply, Approvable
from activities.approving import Changes
from activities.azure import OnAzure
from activities.clients import azure_locks as locks
from activities.clients.azure import azure
from activities.clients.azure_deployment import (
    Deployed,
    Template,
    cancel,
    deploy,
    progress_of,
    read_deployment,
    resume_deploying,
    template_of,
    what_if,
)
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import meanwhile, poll
from runbooks.azure.deployments import DeploymentSettings
from runbooks.steps import ErrorType, StepResult

_RESULTS = "Microsoft.Resources/subscriptions/operationresults/read"
PERMISSIONS = (
    locks.READS,
    "Microsoft.Resources/deployments/cancel/action",
    "Microsoft.Resources/deployments/operations/read",
    "Microsoft.Resources/deployments/operationstatuses/read",
    "Microsoft.Resources/deployments/read",
    "Microsoft.Resources/deployments/whatIf/action",
    "Microsoft.Resources/deployments/write",
    _RESULTS,
)
_GIVE_UP = 5.0
"""Seconds for a cancellation to be taken."""


class DeploymentApplied(DeploymentSettings, Approvable):
    """The template, and what of its changes was approved."""


@dataclass
class Deploying:
    """What is seen: what was deployed last, and what is still to be changed."""

    deployed: Deployed
    template: Template = field(repr=False)
    changes: Changes
    notes: tuple[str, ...] = ()
    """Nothing: all is in the lines of the changes."""

    def evidence(self) -> dict[str, JsonValue]:
        """Plain outputs, and the changes in words."""
        outputs = self.deployed.outputs
        told: dict[str, JsonValue] = {
            name: value for name, value in outputs.items() if not isinstance(value, dict | list)
        }
        return {
            "state": self.deployed.state,
            "outputs": told,
            "changes": list(self.changes.lines),
            "digest": self.changes.digest,
        }


S = TypeVar("S", bound=DeploymentApplied)


class ApplyDeployment(OnAzure, Apply[S, Deploying], Generic[S]):
    """Brings a resource group to what a template says."""

    by = "Azure"
    permissions = PERMISSIONS
    every: ClassVar[float] = 2.0
    """Seconds between two looks at how far it is."""

    @classmethod
    def scopes(cls, settings: DeploymentSettings) -> tuple[str, ...]:
        """The resource group."""
        return (settings.group_id,)

    @classmethod
    def needs(cls, settings: DeploymentSettings) -> tuple[str, ...]:
        """And what the settings say that its resources need."""
        return tuple(sorted({*cls.permissions, *settings.actions}))

    @classmethod
    def wider(cls, settings: DeploymentSettings) -> Mapping[str, tuple[str, ...]]:
        """The answer of what-if is the subscription's."""
        return {f"/subscriptions/{settings.subscription}": (_RESULTS,)}

    def _parameters(self, job: Job[S], deployed: Deployed) -> Mapping[str, JsonValue]:
        """The parameters that the step itself decides."""
        del job, deployed
        return {}

    def _judge(self, job: Job[S], template: Template) -> None:
        """Raises StepError when the template cannot be what the runbook thinks."""

    async def _run(self, job: Job[S]) -> StepResult:
        await self._ended(job)
        return await super()._run(job)

    async def _observe(self, job: Job[S]) -> Deploying:
        there, settings = azure(job), job.settings
        deployed = await self._deployed(job)
        if deployed.goes_on:
            raise StepError(ErrorType.BUSY, f"{settings.named} is being deployed: it is tried again.")
        await locks.refuse_locked(there, settings.group_id, deletes=settings.mode == "complete")
        template = template_of(settings, {}, job.secrets)
        self._judge(job, template)
        template = template_of(settings, self._parameters(job, deployed), job.secrets)
        job.progress.text = "asking what it would change"
        return Deploying(deployed, template, await what_if(there, settings, template))

    async def _observe_after(self, job: Job[S], seen: Deploying) -> Deploying:
        """The outputs as they are now; that nothing is left, the next run's what-if shows."""
        return Deploying(await read_deployment(azure(job), job.settings), seen.template, seen.changes)

    async def _carry_out(self, job: Job[S], seen: Deploying) -> None:
        there, settings = azure(job), job.settings

        async def tell() -> None:
            job.progress.text = await progress_of(there, settings)

        try:
            async with meanwhile(tell, every=self.every):
                await deploy(there, settings, seen.template, seen.deployed, job.call.epoch)
        except asyncio.CancelledError:
            if _withdrawn():
                await asyncio.shield(self._give_up(job))
            raise

    async def _deployed(self, job: Job[S]) -> Deployed:
        found = await read_deployment(azure(job), job.settings)
        if (found.epoch or 0) > job.call.epoch:
            raise StepError(
                ErrorType.STALE_EPOCH,
                f"{job.settings.named} was deployed by decision {found.epoch}, which is newer than this run's "
                f"{job.call.epoch}: nothing was changed.",
                {"epoch": found.epoch},
            )
        return found

    async def _ended(self, job: Job[S]) -> None:
        """Wait for what goes on: it may be this very step, by a worker that has died. Raises StepError."""
        await resume_deploying(azure(job), job.settings)
        job.progress.text = "waiting for a deployment that goes on"
        now, ended = await poll(
            lambda: self._deployed(job), lambda now: not now.goes_on, every=self.every, within=job.allowed
        )
        if not ended:
            sentence = f"{job.settings.named} is {now.state} still: it is tried again."
            raise StepError(ErrorType.BUSY, sentence)

    async def _give_up(self, job: Job[S]) -> None:
        """Nobody wants it any more."""
        try:
            async with asyncio.timeout(_GIVE_UP):
                await cancel(azure(job), job.settings)
        except (StepError, TimeoutError):
            return  # it goes on by itself then, and the next look tells


def _withdrawn() -> bool:
    """Somebody has called the step off: a worker that merely stops leaves it to the next one."""
    details = activity.cancellation_details() if activity.in_activity() else None
    return details is not None and details.cancel_requested
