"""Before anything is changed: could each step be done now? Asked of the read-only twin of each act, all at once.

Some twins also say what exactly their act would change (`Preview`): that becomes a part of the plan that is approved.
"""

from typing import NamedTuple

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.kinds import PREVIEWED
    from runbooks.plan import Plan, Refusal, Step
    from runbooks.steps import Preview, Verb
    from workflows.calling import perform
    from workflows.retries import PATIENCE, PREVIEWING, Patience
    from workflows.sentences import sentence

CHECKED = frozenset({Verb.FENCE, Verb.SCALE, Verb.PROMOTE, Verb.CUT_OVER})


class Checked(NamedTuple):
    """What a twin said: why the step could not be done now, and what it would change. Both may be unknown."""

    step: str
    refusal: Refusal | None = None
    preview: Preview | None = None


def wants_check(step: Step) -> bool:
    """It is asked beforehand."""
    return step.verb in CHECKED or step.uses in PREVIEWED


def patience_of(step: Step) -> Patience:
    """How long a twin may take: one that plans by itself needs more than a look."""
    return PREVIEWING if step.uses in PREVIEWED else PATIENCE[Verb.DETECT]


async def checked(step: Step, plan: Plan, run: str, epoch: int) -> Checked:
    """Ask the twin. A refusal is accepted by the name `check:<step>`. An accepted fence is not asked for."""
    if step.acceptance in plan.accepted:
        return Checked(step.id)
    call = step.call(plan.runbook, run, epoch)
    asked = f"Could it be done now? {step.sentence}"
    try:
        result = await perform(f"{step.uses}.check", call, patience_of(step), asked)
    except ActivityError as error:
        why = sentence(error)
    else:
        if result.proved:
            return Checked(step.id, preview=result.preview)
        why = result.reason
    return Checked(step.id, Refusal(name=f"check:{step.id}", sentence=f"{step.sentence}: {why.rstrip('.')}"))
