"""People who hear the run's notices and answer: they approve, accept, retry and, in the end, abort."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from runbooks.models import ProcedurePolicy, Runbook
from runbooks.runs import Decision, DecisionKind, Phase, RunState, Status
from runbooks.steps import Verb

ASKER = "ann"
STRANGER = "mallory"
_RETRIES = 1
_ROUNDS = 12
"""After so many refusals of a plan, people give up."""

Say = Callable[[Decision], Awaitable[bool]]


@dataclass
class People:
    """Everybody around one run. What they have said is kept: none of it may be lost, or counted twice."""

    book: Runbook
    send: Say
    said: list[Decision] = field(default_factory=list)
    expected_refusals: set[str] = field(default_factory=set)
    rounds: int = 0
    _sent: int = 0
    _answered: Counter[str] = field(default_factory=Counter)

    async def say(self, kind: DecisionKind, by: str = "", **more: str) -> Decision:
        """Send a decision; only what has arrived counts as said."""
        self._sent += 1
        decision = Decision.model_validate(
            {"id": f"d{self._sent}", "kind": kind, "by": by or self.voter(0), "at": 0.0, **more}
        )
        await self.repeat(decision)
        return decision

    async def repeat(self, decision: Decision) -> None:
        """Send the same decision, perhaps again."""
        if await self.send(decision):
            self.said.append(decision)

    def voter(self, nth: int) -> str:
        """Somebody who may approve."""
        known = sorted(set().union(*(self.book.approvers(rule.approval) for rule in self._rules())) - {ASKER})
        pool = known or ["bob", "cat", "dan", "eve"]
        return pool[nth % len(pool)]

    def _rules(self) -> tuple[ProcedurePolicy, ...]:
        policy = self.book.policy
        return (policy.failover, policy.switchover, policy.failback)

    async def hear(self, state: RunState) -> bool:
        """Answer what the run waits for; False when they have nothing to say to it."""
        self.rounds += 1
        if state.held:
            await self.say(DecisionKind.RESUME)
            return True
        match state.phase:
            case Phase.AWAITING_APPROVAL:
                for nth in range(self.book.policy.of(state.procedure).approval.count):
                    await self.say(DecisionKind.APPROVE, by=self.voter(nth), checksum=state.checksum)
            case Phase.AWAITING_CONFIRMATION:
                await self.say(DecisionKind.CONFIRM)
            case Phase.PLANNING if state.message.startswith("The plan refuses itself"):
                await self._answer_refusals(state)
            case Phase.WAITING_FOR_PERSON | Phase.UNDOING:
                return await self._answer_steps(state)
            case _:
                return False
        return True

    async def _answer_refusals(self, state: RunState) -> None:
        standing = () if state.plan is None else state.plan.standing()
        names = sorted({refusal.name for refusal in standing if refusal.name})
        if not names or self.rounds > _ROUNDS:
            await self.say(DecisionKind.ABORT, reason="the plan cannot be accepted")
            return
        for name in names:
            await self.say(DecisionKind.ACCEPT, reason=name)

    async def _answer_steps(self, state: RunState) -> bool:
        """Say something of each step that has asked since they last did."""
        said = False
        for step in (step for step in state.steps if step.status == Status.WAITING):
            undoing = "could not be undone" in (step.error or "")
            asks = sum(event.step == step.id and "Waiting for a person" in event.text for event in state.events)
            if self._answered[step.id] >= asks:
                continue
            self._answered[step.id] = asks
            said = True
            await self._answer_step(step.id, asks, state, undoing=undoing)
        return said

    async def _answer_step(self, step: str, asks: int, state: RunState, *, undoing: bool) -> None:
        """Try again, and again; then accept, or skip what may be skipped, or give up."""
        verb = step.partition(".")[0]
        if undoing:
            await self.say(DecisionKind.SKIP, step=step, reason="undone by hand")
        elif asks <= _RETRIES:
            await self.say(DecisionKind.RETRY, step=step)
        elif verb == Verb.SALVAGE and state.plan is not None and asks == _RETRIES + 1:
            await self.say(DecisionKind.ACCEPT, reason=state.plan.step(step).acceptance)
        elif verb in (Verb.VERIFY, Verb.SCALE, Verb.COMPARE):
            await self.say(DecisionKind.SKIP, step=step, reason="looked at it by hand")
        else:
            await self.say(DecisionKind.ABORT, reason=f"{step} cannot be done")
