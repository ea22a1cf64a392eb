"""Which plans a runbook leads to: each procedure, for every region that can be left and every way that differs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from runbooks.facts import Facts
from runbooks.homeward import way_home
from runbooks.models import Procedure, Role, Runbook
from runbooks.paper.sight import afterwards, facts, well
from runbooks.plan import Plan, PlanError
from runbooks.planner import Request, make_plan
from runbooks.traffic import before, survivors


@dataclass(frozen=True)
class Case:
    """One situation, and the plan for it; `why_not` when there is none."""

    procedure: Procedure
    situation: str
    source: str
    target: str
    after: str = ""
    """What was before it, where the same way is taken from several situations."""
    plan: Plan | None = None
    why_not: str = ""

    @property
    def title(self) -> str:
        """What it does, from where to where."""
        name = "Isolated drill" if self.procedure is Procedure.DRILL else str(self.procedure).capitalize()
        return f"{name}{self.after}: {self.source} → {self.plan.target if self.plan else self.target or 'any'}"


def cases(book: Runbook) -> tuple[Case, ...]:
    """Every case, procedure by procedure."""
    ways = tuple(_ways(book))
    failovers = [_failover(book, source, target) for source, target in ways]
    switchovers = [_switchover(book, source, target) for source, target in ways]
    failbacks = [_failback(book, case, case.plan) for case in failovers if case.plan is not None]
    homeward = [_homeward(book, case, case.plan) for case in switchovers if case.plan is not None]
    drills = [_isolated(book, source, target) for source, target in ways]
    return (*failovers, *switchovers, *failbacks, *homeward, *drills)


def _ways(book: Runbook) -> Iterator[tuple[str, str]]:
    """Out of each region that serves, to whom the planner chooses; where that is one of several standbys, to each."""
    shares = before(book, facts(book, well(book)))
    standbys = [name for name, region in book.regions.items() if region.role is Role.STANDBY]
    writers = set(well(book).writers.values())
    for source in book.regions:
        if not shares[source] and source not in writers:
            continue
        if survivors(shares, source) or len(standbys) < 2:  # noqa: PLR2004 - several standbys are the point
            yield source, ""
        else:
            yield from ((source, standby) for standby in standbys)


def _case(book: Runbook, case: Case, seen: Facts) -> Case:
    """The case with its plan, or why there is none."""
    try:
        plan = make_plan(book, case.procedure, Request(source=case.source, target=case.target or None), seen)
    except PlanError as error:
        return replace(case, why_not=str(error))
    return replace(case, target=plan.target, plan=plan)


def _failover(book: Runbook, source: str, target: str) -> Case:
    situation = f"{source} does not answer any more; everything else is well."
    case = Case(Procedure.FAILOVER, situation, source, target)
    return _case(book, case, facts(book, well(book), dark=source))


def _switchover(book: Runbook, source: str, target: str) -> Case:
    situation = f"All is well; {source} is to be left, for maintenance or ahead of a threat."
    return _case(book, Case(Procedure.SWITCHOVER, situation, source, target), facts(book, well(book)))


def _isolated(book: Runbook, source: str, target: str) -> Case:
    situation = f"All is well; it is to be proved that {source} could be left, without touching what is in use."
    return _case(book, Case(Procedure.DRILL, situation, source, target), facts(book, well(book)))


def _failback(book: Runbook, failover: Case, plan: Plan) -> Case:
    """After the failover, when the lost region has come back as it was fenced."""
    way = f"After the failover {failover.source} → {plan.target}"
    situation = f"{way}; {failover.source} has come back, fenced, and is to serve again."
    case = Case(Procedure.FAILBACK, situation, plan.target, "", " after a failover")
    return _case(book, case, facts(book, afterwards(well(book), plan)))


def _homeward(book: Runbook, switchover: Case, plan: Plan) -> Case:
    """The way home after a switchover, which a full drill takes, too."""
    home = switchover.source
    seen = facts(book, afterwards(well(book), plan))
    procedure, why = way_home(book, home, seen)
    situation = f"After the switchover {home} → {plan.target}, as in a full drill: {why}."
    target = home if procedure is Procedure.SWITCHOVER else ""
    return _case(book, Case(procedure, situation, plan.target, target, " after a switchover"), seen)
