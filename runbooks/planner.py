"""The planner: a runbook, a question and readings in; one plan out. Pure: the same input gives the same checksum.

| procedure  | its plan             | in short                                                                      |
|------------|----------------------|-------------------------------------------------------------------------------|
| failover   | `plan_failover.py`   | fence the dead, promote the best, lead clients there                          |
| switchover | `plan_switchover.py` | the same of a living source: writes stop, and nothing is lost                 |
| failback   | `plan_failback.py`   | rebuild the former primary, prove it equal, then a switchover home            |
| drill      | `plan_rehearsal.py`  | the isolated one: copies are promoted aside; neither traffic nor writers move |
"""

from collections.abc import Callable, Mapping

from runbooks.draft import Draft
from runbooks.facts import Facts
from runbooks.models import Procedure, Runbook
from runbooks.plan import Plan, PlanError
from runbooks.plan_failback import plan_failback
from runbooks.plan_failover import plan_failover
from runbooks.plan_rehearsal import plan_rehearsal
from runbooks.plan_switchover import plan_switchover
from runbooks.request import Request, check_request

__all__ = ["Request", "check_request", "make_plan"]

_PLANNERS: Mapping[Procedure, Callable[[Draft], None]] = {
    Procedure.FAILOVER: plan_failover,
    Procedure.SWITCHOVER: plan_switchover,
    Procedure.FAILBACK: plan_failback,
    Procedure.DRILL: plan_rehearsal,
}


def make_plan(runbook: Runbook, procedure: Procedure, request: Request, facts: Facts) -> Plan:
    """The plan. Raises PlanError when the question makes no sense; the plan itself may refuse to be run."""
    check_request(runbook, request)
    if procedure not in _PLANNERS:
        message = f"{procedure} has no plan of its own; plans are made for {', '.join(_PLANNERS)}"
        raise PlanError(message)
    draft = Draft(runbook, procedure, request, facts)
    _PLANNERS[procedure](draft)
    return draft.finished()
