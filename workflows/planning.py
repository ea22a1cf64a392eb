"""From readings to a plan that may be run: planned, checked, and, while it refuses itself, waited for."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.estimate import Estimate
    from runbooks.facts import Facts
    from runbooks.plan import Plan
    from runbooks.probes import Probe, observations
    from runbooks.reversal import prepared
    from runbooks.run_calls import PlanAnswer, PlanCall
    from runbooks.runs import Outcome, RunInput
    from runbooks.steps import Reading, Verb
    from runbooks.values import UnixTime
    from workflows.calling import perform
    from workflows.checks import Checked, checked, wants_check
    from workflows.ending import Ended
    from workflows.gate import gate, refusals
    from workflows.house import House
    from workflows.retries import PATIENCE, PLANNING
    from workflows.sentences import sentence

LOOK_AGAIN = 10.0
"""Seconds after which readings are taken anew: after a long confirmation, and while a plan refuses itself.

The longer it has refused itself the rarer they become, so that the history of a long wait stays short.
"""
_RARER = 10


class Planning:
    """The plan as it is made; `plan` is the newest one, also while it refuses itself."""

    def __init__(self, request: RunInput, house: House) -> None:
        self._in = request
        self._house = house
        self._desk = house.desk
        self.plan: Plan | None = None
        self.estimate: Estimate | None = None
        self.facts: Facts | None = None
        """What the newest plan was made from."""
        self.refusing = ""
        """Why the newest plan refuses itself, and what a person may say to that; empty while it does not."""

    async def observe(self) -> tuple[Reading, ...]:
        """Look at every resource in every region, all at once."""
        probes = observations(self._in.runbook)
        return tuple(await asyncio.gather(*(self._reading(probe) for probe in probes)))

    async def safe_plan(self, readings: tuple[Reading, ...], fault_at: UnixTime | None) -> Plan:
        """Plan; while the plan refuses itself, wait for a person or for better readings. Raises Ended."""
        began = workflow.time()
        deadline = began + self._in.runbook.policy.of(self._in.procedure).approval.timeout
        told: set[str] = set()
        while True:
            known = len(self._desk.accepted)
            closed = asyncio.create_task(gate(self._house))
            plan = await self.planned(readings, fault_at)
            plan = plan.refused_for(refusals(await closed, self._house, self._in.trigger))
            if not plan.standing():
                found = await self._checks(plan)
                plan = plan.refused_for(tuple(one.refusal for one in found if one.refusal is not None))
                plan = plan.showing({one.step: one.preview for one in found if one.preview is not None})
            self.plan = plan
            standing = plan.standing()
            if not standing:
                self.refusing = ""
                return plan
            why = "; ".join(refusal.sentence for refusal in standing)
            names = ", ".join(sorted({refusal.name for refusal in standing if refusal.name}))
            accept = f"accept {names}, " if names else ""
            self.refusing = f"The plan refuses itself: {why}. Waiting for a person: {accept}retry, or abort"
            new = {refusal.name or refusal.sentence for refusal in standing}
            if new - told:  # the same reason with another number is no news
                self._house.teller.ask(self.refusing)
            told = new
            now = workflow.time()
            if now >= deadline and known == len(self._desk.accepted):
                raise Ended(Outcome.REFUSED, f"The plan refuses itself: {why}")
            await self._person_or_time(min(max(LOOK_AGAIN, (now - began) / _RARER), deadline - now), known)
            readings = await self.observe()

    async def _reading(self, probe: Probe) -> Reading:
        call = probe.call(Verb.DETECT, self._in.runbook.name, self._house.run, self._house.epoch)
        look = f"Look at {call.resource} in {call.region}"
        try:
            reading = (await perform(call.uses, call, PATIENCE[Verb.DETECT], look)).reading
        except ActivityError as error:
            return Reading(
                resource=call.resource,
                region=call.region,
                state="unknown",
                reason=sentence(error),
                observed_at=workflow.time(),
            )
        assert reading is not None, f"{call.uses} must answer with a reading"
        epoch = reading.values.get("epoch")
        if isinstance(epoch, int):
            self._house.outrank(epoch)
        return reading

    async def planned(self, readings: tuple[Reading, ...], fault_at: UnixTime | None) -> Plan:
        """The plan for these readings, as the planner answers it now. Raises Ended."""
        self.facts = Facts(at=workflow.time(), readings=readings, history=self._in.history, fault_at=fault_at)
        accept = tuple(sorted({*self._in.accept, *self._desk.accepted}))
        call = PlanCall(
            request=self._in.model_copy(update={"accept": accept}),
            readings=readings,
            at=workflow.time(),
            fault_at=fault_at,
        )
        try:
            answer: PlanAnswer = await workflow.execute_activity(
                "plan",
                call,
                result_type=PlanAnswer,
                summary="Derive the plan",
                start_to_close_timeout=PLANNING.attempt,
                retry_policy=PLANNING.policy(),
            )
        except ActivityError as error:
            raise Ended(Outcome.REFUSED, f"No plan could be made: {sentence(error)}") from None
        if answer.plan is None:
            raise Ended(Outcome.REFUSED, answer.error or "no plan")
        self.estimate = answer.estimate
        return answer.plan

    async def _checks(self, plan: Plan) -> list[Checked]:
        """What would stop a step later, or what it would change, is better known while nothing has been changed."""
        steps = [step for step in plan.steps if wants_check(step) and not prepared(plan, step)]
        return await asyncio.gather(*(checked(step, plan, self._house.run, self._house.epoch) for step in steps))

    async def _person_or_time(self, seconds: float, known: int) -> None:
        """`known`: how many acceptances this plan was made with; one that came since is acted on at once."""
        desk = self._desk
        try:
            await workflow.wait_condition(
                lambda: desk.look_again or desk.stopping() or len(desk.accepted) > known,
                timeout=timedelta(seconds=seconds),
                timeout_summary="look again",
            )
        except TimeoutError:
            return
        desk.look_again = False
        desk.raise_if_stopped()
