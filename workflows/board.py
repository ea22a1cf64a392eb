"""How each step of a plan stands, and the wait for a person when one cannot go on."""

from collections.abc import Callable

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.plan import Plan, Step
    from runbooks.reversal import past_return
    from runbooks.runs import Decision, DecisionKind, Status, StepState
    from runbooks.steps import Verb
    from workflows.house import House


class Board:
    """The states of one plan's steps; they may be read at any moment."""

    def __init__(self, plan: Plan, house: House) -> None:
        self.plan = plan
        self.states: dict[str, StepState] = {step.id: StepState(id=step.id) for step in plan.steps}
        self._desk = house.desk
        self._teller = house.teller

    def set(self, step: Step, **changes: object) -> None:
        """Change the state of a step."""
        self.states[step.id] = self.states[step.id].model_copy(update=changes)

    def waiting(self) -> list[StepState]:
        """The steps that wait for a person."""
        return [state for state in self.states.values() if state.status == Status.WAITING]

    def past_return(self) -> bool:
        """A writer's move was begun: it may have had its effect, whatever was heard of it."""
        return past_return(self.plan, {id_ for id_, state in self.states.items() if state.started_at is not None})

    async def asked(self, step: Step, why_not: str, choices: str, over: Callable[[], bool]) -> Decision | None:
        """Wait until a person decides about the step, or until it is `over`. The decision, or None."""
        self._desk.for_steps.pop(step.id, None)
        self.set(step, status=Status.WAITING, error=why_not)
        self._teller.ask(f"{step.sentence}: {why_not.rstrip('.')}. Waiting for a person: {choices}", step.id)
        await workflow.wait_condition(
            lambda: step.id in self._desk.for_steps or over(), timeout_summary=f"{step.id} waits for a person"
        )
        return self._desk.for_steps.pop(step.id, None)

    def skip(self, step: Step, decision: Decision) -> None:
        """Go on without the step, as decided."""
        assert decision.kind == DecisionKind.SKIP
        why = f"skipped by {decision.by}: {decision.reason}"
        self.set(step, status=Status.SKIPPED, error=why, ended_at=workflow.time())
        self._teller.tell(f"{step.sentence}: {why}", step.id)


def choices(step: Step) -> str:
    """What a person may say about a waiting step."""
    if step.verb in (Verb.FENCE, Verb.SALVAGE):
        return f"retry, accept {step.acceptance}, or abort"
    return "retry, skip (with a reason), or abort"
