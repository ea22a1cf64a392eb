"""The kill switch and the cool-down: asked before anything begins, and before every step that cannot be undone."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.durations import duration
    from runbooks.plan import Refusal
    from runbooks.run_calls import GateAnswer, GateCall
    from runbooks.runs import Trigger
    from workflows.house import House
    from workflows.retries import PLANNING
    from workflows.sentences import sentence

_BY_ITSELF = frozenset({"watch", "alert"})
LOOK_AGAIN = timedelta(seconds=2)
"""How often an engaged kill switch is looked at."""


async def gate(house: House, *, past: bool = True) -> GateAnswer:
    """What stands against going on. A gate that cannot be read is closed: unknown is never green."""
    call = GateCall(runbook=house.runbook.name, workflow_id=workflow.info().workflow_id, run_id=house.run, past=past)
    try:
        answer: GateAnswer = await workflow.execute_activity(
            "gate",
            call,
            result_type=GateAnswer,
            summary="Is the kill switch engaged?",
            start_to_close_timeout=PLANNING.attempt,
            retry_policy=PLANNING.policy(),
        )
    except ActivityError as error:
        return GateAnswer(kill_switch=f"Whether the kill switch is engaged cannot be read ({sentence(error)})")
    return answer


def refusals(answer: GateAnswer, house: House, trigger: Trigger) -> tuple[Refusal, ...]:
    """Why the plan is not to begin now. A person who asks has looked: the cool-down is for what starts by itself."""
    found = [] if answer.kill_switch is None else [Refusal(name=None, sentence=answer.kill_switch)]
    since = None if answer.last_ended_at is None else workflow.time() - answer.last_ended_at
    cool_down = house.runbook.policy.cool_down
    if trigger.kind in _BY_ITSELF and answer.last_changed and since is not None and since < cool_down:
        rule = f"for {duration(cool_down)} after a run nothing begins by itself"
        said = f"the last run ended {duration(since)} ago, and {rule}"
        found.append(Refusal(name="cool-down", sentence=said))
    return tuple(found)
