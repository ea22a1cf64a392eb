"""Before anything is changed: could each step be done now? Asked of the read-only twin of each act, all at once."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.plan import Plan, Refusal, Step
    from runbooks.steps import Verb
    from workflows.calling import perform
    from workflows.retries import PATIENCE
    from workflows.sentences import sentence

CHECKED = frozenset({Verb.FENCE, Verb.SCALE, Verb.PROMOTE, Verb.CUT_OVER})


async def checked(step: Step, plan: Plan, run: str, epoch: int) -> Refusal | None:
    """Why the step could not be done now; accepted by the name `check:<step>`. An accepted fence is not asked for."""
    if step.acceptance in plan.accepted:
        return None
    call = step.call(plan.runbook, run, epoch)
    asked = f"Could it be done now? {step.sentence}"
    try:
        result = await perform(f"{step.uses}.check", call, PATIENCE[Verb.DETECT], asked)
    except ActivityError as error:
        why = sentence(error)
    else:
        if result.proved:
            return None
        why = result.reason
    return Refusal(name=f"check:{step.id}", sentence=f"{step.sentence}: {why.rstrip('.')}")
