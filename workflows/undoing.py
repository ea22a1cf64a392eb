"""An abort before the point of no return: what was done is undone, last first, each by its own `undo`."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.plan import Step
    from runbooks.runs import DecisionKind, Status
    from runbooks.steps import Verb
    from workflows.board import Board
    from workflows.calling import perform
    from workflows.house import House
    from workflows.retries import PATIENCE
    from workflows.sentences import sentence
    from workflows.single_writer import SingleWriter


class Undoing:
    """Takes back the steps of one plan."""

    def __init__(self, board: Board, house: House, single: SingleWriter) -> None:
        self._board = board
        self._house = house
        self._single = single

    def steps(self) -> list[Step]:
        """What is to be undone, in that order. A step that was begun and not heard of again may have had its effect."""
        states = self._board.states
        begun = [step for step in reversed(self._board.plan.steps) if step.undo and self._had_effect(step)]
        return sorted(begun, key=lambda step: -(states[step.id].started_at or 0.0))

    def _had_effect(self, step: Step) -> bool:
        state = self._board.states[step.id]
        return state.started_at is not None and state.status != Status.UNCHANGED

    async def undo(self) -> None:
        """Undo them one after the other; one that cannot be undone waits for a person."""
        for step in self.steps():
            while True:
                why_not = await self._try(step)
                if why_not is None or await self._given_up(step, why_not):
                    break

    async def _try(self, step: Step) -> str | None:
        assert step.undo is not None
        result = self._board.states[step.id].result
        before = {} if result is None else result.before
        call = step.call(self._board.plan.runbook, self._house.run, self._house.epoch)
        call = call.model_copy(update={"before": before, "step": f"undo.{step.id}"})
        what = f"Undo: {step.sentence}"
        try:
            undone = await perform(step.undo, call, PATIENCE[step.verb], what, activity_id=f"undo.{step.id}")
        except ActivityError as error:
            return sentence(error)
        if not undone.proved:
            return undone.reason
        self._board.set(step, status=Status.UNDONE, error=undone.reason, ended_at=workflow.time())
        self._house.teller.tell(f"{what}: {undone.reason}", step.id)
        if step.verb is Verb.FENCE:
            self._single.probe(step.resource)
        return None

    async def _given_up(self, step: Step, why_not: str) -> bool:
        decision = await self._board.asked(
            step, f"it could not be undone: {why_not}", "retry, or skip (with a reason)", lambda: False
        )
        if decision is not None and decision.kind == DecisionKind.SKIP:
            self._board.skip(step, decision)
            return True
        return False
