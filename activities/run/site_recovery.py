"""`run.site_recovery`: run a recovery plan of Azure Site Recovery, for those who have their machines protected there.

https://learn.microsoft.com/azure/site-recovery/site-recovery-create-recovery-plans
"""

import asyncio
import time
from typing import Any, ClassVar, Literal

from activities.azure import OnAzure
from activities.clients.azure import azure
from activities.clients.azure_locks import READS, refuse_locked
from activities.clients.azure_recovery_jobs import RecoveryJob, find_job
from activities.clients.azure_site_recovery import LOOKS, Note, Plan, note_of, read_plan, read_vault, write_note
from activities.contract import Job
from activities.errors import StepError
from activities.lifeline import meanwhile, poll
from activities.recovering import FOLLOWING, OPERATIONS, already, ill, requested, unfit, why_not
from activities.running import Execution, ExecutionView, RunElsewhere, mark_of, mark_of_scheduling
from runbooks.azure.runs import SiteRecoveryStep
from runbooks.steps import ErrorType, StepResult

_SHOWN_WITHIN = 10.0
"""Seconds after which a request that Site Recovery has taken is seen as a job: until then none is sent again."""
_MOVES = frozenset({"failover", "planned_failover"})


class RunSiteRecovery(OnAzure, RunElsewhere[SiteRecoveryStep]):
    """Begins one job of the plan and follows it to its end: failover, planned, as a test, its cleanup, or the commit.

    Site Recovery keeps nothing of who began a job: a tag of the vault says, before it is begun, which decision begins
    it, and after which job. What the plan shows since then is that one.
    """

    uses = "run.site_recovery"
    permissions = (
        READS,
        *LOOKS,
        "Microsoft.RecoveryServices/vaults/replicationOperationStatus/read",
        "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans/operationresults/read",
        *(operation.permission for operation in OPERATIONS.values()),
        "Microsoft.Resources/tags/write",
    )
    Settings = SiteRecoveryStep
    every: ClassVar[float] = 5.0
    what = "The recovery plan"

    @classmethod
    def scopes(cls, settings: SiteRecoveryStep) -> tuple[str, ...]:
        """The vault, which holds plans, jobs and machines."""
        return (settings.vault_id,)

    @classmethod
    def needs(cls, settings: SiteRecoveryStep) -> tuple[str, ...]:
        """Of the actions on a plan, the one that is asked for."""
        others = {one.permission for action, one in OPERATIONS.items() if action != settings.action}
        return tuple(one for one in cls.permissions if one not in others)

    async def _newest(self, job: Job[SiteRecoveryStep]) -> Execution | None:
        there, settings = azure(job), job.settings
        plan = await read_plan(there, settings)
        # The note is read after the plan: a job that the plan shows was noted before it was begun.
        note = await self._noted(job)
        if note is not None and note.mark == mark_of(job):
            begun = await find_job(there, settings, plan, note)
            if begun is not None:
                return _execution(settings, plan, note, begun)
        settled = already(plan, settings)
        if settled is not None:
            return Execution(id=plan.job, state="done", status=plan.scenario, epoch=job.call.epoch, detail=settled)
        refusal = why_not(plan, settings)
        if refusal is not None:
            raise refusal
        return None

    async def _noted(self, job: Job[SiteRecoveryStep]) -> Note | None:
        """What the vault says of the plan. Raises StepError, also when a newer decision has been there."""
        note = note_of(await read_vault(azure(job), job.settings), job.settings)
        if note is not None and note.epoch > job.call.epoch:
            raise StepError(
                ErrorType.STALE_EPOCH,
                f"The recovery plan {job.settings.recovery_plan} was begun by decision {note.epoch}, which is newer "
                f"than this run's {job.call.epoch}: nothing was begun.",
                note.model_dump(mode="json"),
            )
        return note

    def _settled(self, job: Job[SiteRecoveryStep], seen: ExecutionView) -> str | None:
        done = seen.execution
        if done is not None and done.state == "done" and not done.scheduling:
            return done.detail  # it was not begun by this step
        return super()._settled(job, seen)

    async def _begin(self, job: Job[SiteRecoveryStep], before: Execution | None) -> None:
        there, settings = azure(job), job.settings
        await refuse_locked(there, settings.vault_id)
        if await self._shown_late(job, before):
            return
        plan = await read_plan(there, settings)
        note = Note(
            mark=mark_of(job),
            epoch=job.call.epoch,
            scheduling=mark_of_scheduling(),
            after=plan.job,
            at=time.time(),
        )
        await write_note(there, settings, note, f"{job.call.run} {job.call.step}")
        operation, body = OPERATIONS[settings.action], requested(plan, settings, job.call.run)
        asked: list[Any] = [settings.resource_group, settings.vault, settings.recovery_plan]
        try:
            async with meanwhile(lambda: self._tell(job), every=self.every):
                await there.operate("siterecovery", operation.begins, *asked, *([body] if body else []))
        except StepError:
            # It was begun by another run of this step at the same time, or has failed: then the job says it better.
            now = (await self._observe(job)).execution
            if now is None or now.id == (before.id if before is not None else None):
                raise

    async def _shown_late(self, job: Job[SiteRecoveryStep], before: Execution | None) -> bool:
        """An attempt that died right after it had noted its intent may have begun a job, which is to be seen soon."""
        note = await self._noted(job)
        mine = note is not None and note.mark == mark_of(job) and note.scheduling == mark_of_scheduling()
        left = (note.at + _SHOWN_WITHIN - time.time()) if note is not None and mine else 0.0
        if left <= 0:
            return False
        known = before.id if before is not None else None
        _, shown = await poll(
            lambda: self._observe(job),
            lambda view: view.execution is not None and view.execution.id != known,
            every=min(self.every, 1.0),
            within=min(left, _SHOWN_WITHIN),
        )
        return shown

    async def _tell(self, job: Job[SiteRecoveryStep]) -> None:
        plan = await read_plan(azure(job), job.settings)
        job.progress.text = f"{plan.scenario} of {plan.name} is {plan.status}"

    async def _check(self, job: Job[SiteRecoveryStep]) -> StepResult:
        """Could it be done now (or after the step before it), and would it end well?"""
        there, settings = azure(job), job.settings
        plan, vault = await asyncio.gather(read_plan(there, settings), read_vault(there, settings))
        await self._noted(job)
        await refuse_locked(there, settings.vault_id)
        before = {"plan": plan.evidence(), "vault_region": vault.region}
        settled = already(plan, settings)
        if settled is None:
            refusal = (unfit if settings.action in FOLLOWING else why_not)(plan, settings)
            if refusal is not None:
                raise refusal
            faults = ill(plan, vault, settings)
            if faults:
                return StepResult(changed=False, proved=False, reason=" ".join(faults), before=before)
        return StepResult(changed=False, reason=settled or f"{self.uses} could be done now.", before=before)


def _execution(settings: SiteRecoveryStep, plan: Plan, note: Note, begun: RecoveryJob) -> Execution:
    """As the job stands; one that moves machines has not ended before all of them are seen where it leads."""
    detail, left = begun.detail, plan.left(settings)
    state: Literal["running", "done", "failed"] = "done" if begun.done else "failed" if begun.failed else "running"
    if settings.action in _MOVES and left and state != "running":
        names = ", ".join(left)
        told = (
            f"{len(plan.machines) - len(left)} of {len(plan.machines)} run in {settings.azure_region}, and not {names}"
        )
        detail = f"{detail.rstrip('.')}; {told}" if detail else told
        state = "running" if state == "done" else state
    return Execution(
        id=begun.name,
        state=state,
        status=begun.state,
        scheduling=note.scheduling,
        epoch=note.epoch,
        detail=detail,
    )
