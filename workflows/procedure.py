"""Runs a plan: each step as soon as what it needs is done; a step that cannot go on waits for a person."""

import asyncio
from itertools import count

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from runbooks.milestones import serving_at
    from runbooks.plan import Plan, Step
    from runbooks.runs import DecisionKind, Status, StepState
    from runbooks.steps import ASKERS_ERRORS, ErrorType, Preview, StepCall, StepResult, Verb
    from workflows.board import Board, choices
    from workflows.calling import perform
    from workflows.gate import LOOK_AGAIN, gate
    from workflows.house import House
    from workflows.retries import MOST_LOST, patience
    from workflows.sentences import error_type, offered, sentence, worker_lost
    from workflows.single_writer import WAITS_FOR_THE_PROBE, SingleWriter
    from workflows.undoing import Undoing

_SATISFIED = frozenset({Status.DONE, Status.UNCHANGED, Status.SKIPPED})
_INTERRUPTIBLE = frozenset(Verb) - {Verb.FENCE, Verb.PROMOTE, Verb.CUT_OVER, Verb.RUN, Verb.NOTIFY}
"""What may take hours and can be left half done: an abort, or a real failover, does not wait for it."""


class ProcedureRun:
    """One plan being carried out. Its `states` may be read at any moment."""

    def __init__(self, plan: Plan, house: House) -> None:
        self._plan = plan
        self._house = house
        self._desk = house.desk
        self.board = Board(plan, house)
        self._single = SingleWriter(house.runbook, plan.source, house.teller)
        self._serving = False
        self._told_failed: set[str] = set()
        """Steps whose failure was told before anybody accepted it."""
        self._offered: dict[str, Preview] = {}
        """What a step found that was not approved: a person's `retry` approves exactly that."""
        self._taken: dict[str, Preview] = {}
        self.undoing = Undoing(self.board, house, self._single)

    @property
    def states(self) -> dict[str, StepState]:
        """How each step stands, by id."""
        return self.board.states

    async def carry_out(self) -> None:
        """Run every step that can be run; returns when each is done, skipped or, after an abort, not run."""
        tasks: dict[str, asyncio.Task[None]] = {}
        for step in self._plan.steps:
            needed = [tasks[need] for need in step.needs]
            tasks[step.id] = asyncio.create_task(self._after(needed, step))
        await asyncio.gather(*tasks.values())
        await self._one_writer_in_the_end()
        await self._single.settled()

    async def _after(self, needed: list[asyncio.Task[None]], step: Step) -> None:
        for task in needed:
            await task
        if all(self.states[need].status in _SATISFIED for need in step.needs):
            await self._run_step(step)
        else:
            self.board.set(step, status=Status.NOT_RUN, error="what it needs was not done")

    async def _run_step(self, step: Step) -> None:
        while True:
            if self._house.held():
                await workflow.wait_condition(lambda: not self._house.held() or self._desk.stopping())
            if step.final:
                await self._gate(step)
            if self._desk.stopping():
                self.board.set(step, status=Status.NOT_RUN, error="the run was stopped before it")
                return
            why_not = await self._single.violated() if step.verb in WAITS_FOR_THE_PROBE else None
            if self._house.held() and workflow.patched("held-while-probing"):
                continue
            why_not = why_not or await self._try(step)
            if why_not is not None and self._desk.stopping():
                self.board.set(step, status=Status.NOT_RUN, error=why_not, ended_at=workflow.time())
                return
            if why_not is None or await self._settled_by_person(step, why_not):
                return

    async def _gate(self, step: Step) -> None:
        """Wait while the kill switch is engaged, and while the run is held meanwhile; an abort ends the wait."""
        told = ""
        while not self._desk.stopping():
            engaged = None if self._house.held() else (await gate(self._house, past=False)).kill_switch
            if engaged is None and not self._house.held():
                break
            if engaged is not None and engaged != told:
                told = engaged
                self.board.set(step, status=Status.WAITING, error=engaged)
                self._house.teller.ask(f"{step.sentence}: {engaged}. It waits until that is released", step.id)
            try:
                await workflow.wait_condition(self._desk.stopping, timeout=LOOK_AGAIN, timeout_summary="kill switch")
            except TimeoutError:
                continue
        if told:
            self.board.set(step, status=Status.PENDING, error=None)

    async def _try(self, step: Step) -> str | None:
        """Run the step's activity; None when it is done, else the sentence why it is not."""
        began = self.states[step.id].started_at or workflow.time()
        self.board.set(step, status=Status.RUNNING, started_at=began, error=None)
        call = self._call(step)
        try:
            result = await self._performed(step, call)
        except ActivityError as error:
            self._offer(step, offered(error))
            # What failed has no proof either, and can be accepted so; not a newer decision, which this one must obey.
            if is_cancelled_exception(error):
                return "it was interrupted, since the run is stopping"
            why = sentence(error)
            if error_type(error) == ErrorType.STALE_EPOCH or not self._accepted_of(step, error):
                return why
            result = StepResult(
                changed=False, proved=False, reason=f"{why.rstrip('.')}. Going on without proof, as accepted"
            )
        if not result.proved and not self._accepted(step):
            self.board.set(step, result=result)
            return result.reason
        status = Status.DONE if result.changed else Status.UNCHANGED
        self.board.set(step, status=status, result=result, ended_at=workflow.time())
        self._house.teller.tell(f"{step.sentence}: {result.reason}", step.id)
        self._single.moved(step)
        self._tell_if_serving()
        return None

    def _call(self, step: Step) -> StepCall:
        call = step.call(self._plan.runbook, self._house.run, self._house.epoch)
        taken = self._taken.get(step.id)
        if taken is None:
            return call
        return call.model_copy(update={"settings": {**call.settings, "approved": taken.approved}})

    def _offer(self, step: Step, found: Preview | None) -> None:
        self._offered.pop(step.id, None)
        if found is not None:
            self._offered[step.id] = found

    def _tell_if_serving(self) -> None:
        """The moment that people wait for; what is left protects it again."""
        if self._serving or serving_at(self._plan, self.states) is None:
            return
        self._serving = True
        if any(state.status in (Status.PENDING, Status.RUNNING) for state in self.states.values()):
            self._house.teller.ask(f"{self._plan.runbook} serves from {self._plan.target}, verified; now the rest")

    async def _performed(self, step: Step, call: StepCall) -> StepResult:
        """The step's result. A try that was lost with its worker does not count: other workers take it up."""
        for lost in count(1):
            try:
                return await perform(
                    step.uses,
                    call,
                    patience(step),
                    step.sentence,
                    activity_id=step.id if lost == 1 else f"{step.id}.{lost}",
                    interrupt=lambda: step.verb in _INTERRUPTIBLE and self._desk.stopping(),
                )
            except ActivityError as error:
                if lost == MOST_LOST or not worker_lost(error):
                    raise
        raise AssertionError

    async def _settled_by_person(self, step: Step, why_not: str) -> bool:
        """Wait for a decision about the step. True: it is settled; False: try it again."""
        # What was accepted before was no help: only news ends the wait, or the step would be tried for ever.
        known = self._accepted(step)
        decision = await self.board.asked(
            step,
            why_not,
            choices(step),
            lambda: self._desk.stopping() or (not known and self._accepted(step)),
        )
        if self._desk.stopping():
            self.board.set(step, status=Status.NOT_RUN, ended_at=workflow.time())
            return True
        if decision is not None and decision.kind == DecisionKind.SKIP:
            self.board.skip(step, decision)
            return True
        if decision is not None and decision.step == step.id and step.id in self._offered:  # named: it was looked at
            self._taken[step.id] = self._offered.pop(step.id)
            self._house.teller.tell(f"{step.sentence}: {decision.by} approved {self._taken[step.id].lines[0]}", step.id)
        self.board.set(step, status=Status.PENDING)  # it waits for nobody any more, even if a hold delays the next try
        return False

    async def _one_writer_in_the_end(self) -> None:
        """A violation that no later step has waited for stops the run here, at the step that moved the writer last."""
        last = next((step for step in reversed(self._plan.steps) if step.final), None)
        while last is not None and (found := await self._single.violated()) is not None:
            if self._desk.stopping():
                return
            done = self.states[last.id]
            await self.board.asked(last, found, "retry once one of them is fenced, or abort", self._desk.stopping)
            self.board.set(last, status=done.status, error=None)

    def _accepted_of(self, step: Step, error: ActivityError) -> bool:
        """The same, of a try that failed: what turned us away may be alive, and nobody had that in mind beforehand."""
        if not self._accepted(step):
            self._told_failed.add(step.id)
            return False
        ours = error_type(error) in ASKERS_ERRORS and step.id not in self._told_failed
        return not (ours and workflow.patched("accepted-beforehand-is-silence"))

    def _accepted(self, step: Step) -> bool:
        """Somebody, or the policy, has taken the risk of this step's missing proof."""
        return step.acceptance in {*self._plan.accepted, *self._desk.accepted}
