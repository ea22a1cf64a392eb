"""Runs a plan: each step as soon as what it needs is done; a step that cannot go on waits for a person."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.plan import Plan, Step
    from runbooks.runs import Decision, DecisionKind, Status, StepState
    from runbooks.steps import ErrorType, StepResult, Verb
    from workflows.calling import perform
    from workflows.house import House
    from workflows.retries import PATIENCE
    from workflows.sentences import error_type, sentence

_SATISFIED = frozenset({Status.DONE, Status.UNCHANGED, Status.SKIPPED})


class ProcedureRun:
    """One plan being carried out. Its `states` may be read at any moment."""

    def __init__(self, plan: Plan, house: House) -> None:
        self._plan = plan
        self._run = house.run
        self._epoch = house.epoch
        self._desk = house.desk
        self._teller = house.teller
        self._held = house.held
        self.states: dict[str, StepState] = {step.id: StepState(id=step.id) for step in plan.steps}

    async def carry_out(self) -> None:
        """Run every step that can be run; returns when each is done, skipped or, after an abort, not run."""
        tasks: dict[str, asyncio.Task[None]] = {}
        for step in self._plan.steps:
            needed = [tasks[need] for need in step.needs]
            tasks[step.id] = asyncio.create_task(self._after(needed, step))
        await asyncio.gather(*tasks.values())

    def waiting(self) -> list[StepState]:
        """The steps that wait for a person."""
        return [state for state in self.states.values() if state.status == Status.WAITING]

    async def _after(self, needed: list[asyncio.Task[None]], step: Step) -> None:
        for task in needed:
            await task
        if all(self.states[need].status in _SATISFIED for need in step.needs):
            await self._run_step(step)
        else:
            self._set(step, status=Status.NOT_RUN, error="what it needs was not done")

    async def _run_step(self, step: Step) -> None:
        while True:
            if self._held():
                await workflow.wait_condition(lambda: not self._held() or self._desk.aborted is not None)
            if self._desk.aborted is not None:
                self._set(step, status=Status.NOT_RUN, error="the run was aborted before it")
                return
            why_not = await self._try(step)
            if why_not is None or await self._settled_by_person(step, why_not):
                return

    async def _try(self, step: Step) -> str | None:
        """Run the step's activity; None when it is done, else the sentence why it is not."""
        self._set(
            step, status=Status.RUNNING, started_at=self.states[step.id].started_at or workflow.time(), error=None
        )
        call = step.call(self._plan.runbook, self._run, self._epoch)
        try:
            result = await perform(step.uses, call, PATIENCE[step.verb], step.sentence, activity_id=step.id)
        except ActivityError as error:
            # What failed has no proof either, and can be accepted so; not a newer decision, which this one must obey.
            why = sentence(error)
            if error_type(error) == ErrorType.STALE_EPOCH or not self._accepted(step):
                return why
            result = StepResult(
                changed=False, proved=False, reason=f"{why.rstrip('.')}. Going on without proof, as accepted"
            )
        if not result.proved and not self._accepted(step):
            self._set(step, result=result)
            return result.reason
        status = Status.DONE if result.changed else Status.UNCHANGED
        self._set(step, status=status, result=result, ended_at=workflow.time())
        self._teller.tell(f"{step.sentence}: {result.reason}", step.id)
        return None

    async def _settled_by_person(self, step: Step, why_not: str) -> bool:
        """Wait for a decision about the step. True: it is settled; False: try it again."""
        self._desk.for_steps.pop(step.id, None)
        self._set(step, status=Status.WAITING, error=why_not)
        self._teller.ask(f"{step.sentence}: {why_not}. Waiting for a person: {choices(step)}", step.id)
        # What was accepted before was no help: only news ends the wait, or the step would be tried for ever.
        known = self._accepted(step)
        await workflow.wait_condition(
            lambda: self._decided(step) or (not known and self._accepted(step)),
            timeout_summary=f"{step.id} waits for a person",
        )
        if self._desk.aborted is not None:
            self._set(step, status=Status.NOT_RUN, ended_at=workflow.time())
            return True
        decision = self._desk.for_steps.pop(step.id, None)
        if decision is not None and decision.kind == DecisionKind.SKIP:
            self._skip(step, decision)
            return True
        self._set(step, status=Status.PENDING)  # it waits for nobody any more, even if a hold delays the next try
        return False

    def _decided(self, step: Step) -> bool:
        return self._desk.aborted is not None or step.id in self._desk.for_steps

    def _accepted(self, step: Step) -> bool:
        """Somebody, or the policy, has taken the risk of this step's missing proof."""
        return f"unproved-{step.verb}:{step.resource}" in {*self._plan.accepted, *self._desk.accepted}

    def _skip(self, step: Step, decision: Decision) -> None:
        why = f"skipped by {decision.by}: {decision.reason}"
        self._set(step, status=Status.SKIPPED, error=why, ended_at=workflow.time())
        self._teller.tell(f"{step.sentence}: {why}", step.id)

    def _set(self, step: Step, **changes: object) -> None:
        self.states[step.id] = self.states[step.id].model_copy(update=changes)


def choices(step: Step) -> str:
    """What a person may say about a waiting step."""
    if step.verb == Verb.FENCE:
        return f"retry, accept unproved-fence:{step.resource}, or abort"
    return "retry, skip (with a reason), or abort"
