"""Which plans a runbook leads to: each procedure, for every region that can be left and every way that differs."""

from collections.abc import Iterator
from dataclasses import dataclass

from runbooks.facts import Facts
from runbooks.homeward import way_home
from runbooks.models import Procedure, Role, Runbook
from runbooks.paper.sight import Sight, afterwards, facts, well
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
    plan: Plan | None = None
    why_not: str = ""

    @property
    def title(self) -> str:
        """What it does, from where to where."""
        name = "Isolated drill" if self.procedure is Procedure.DRILL else str(self.procedure).capitalize()
        return f"{name}: {self.source} → {self.plan.target if self.plan else self.target or 'any'}"


def cases(book: Runbook) -> tuple[Case, ...]:
    """Every case, procedure by procedure."""
    ways = tuple(_ways(book))
    failovers = [_failover(book, source, target) for source, target in ways]
    switchovers = [_switchover(book, source, target) for source, target in ways]
    failbacks = [_failback(book, case) for case in failovers if case.plan is not None]
    drills = [_isolated(book, source, target) for source, target in ways]
    homeward = [found for case in switchovers if (found := _homeward(book, case)) is not None]
    return (*failovers, *switchovers, *_distinct([*failbacks, *homeward]), *drills)


def _ways(book: Runbook) -> Iterator[tuple[str, str | None]]:
    """Out of each region that serves, to whom the planner chooses; where that is one of several standbys, to each."""
    shares = before(book, facts(book, well(book)))
    standbys = [name for name, region in book.regions.items() if region.role is Role.STANDBY]
    writers = set(well(book).writers.values())
    for source in book.regions:
        if not shares[source] and source not in writers:
            continue
        if survivors(shares, source) or len(standbys) < 2:  # noqa: PLR2004 - several standbys are the point
            yield source, None
        else:
            yield from ((source, standby) for standby in standbys)


def _case(book: Runbook, procedure: Procedure, situation: str, request: Request, seen: Facts) -> Case:
    case = Case(procedure, situation, request.source, request.target or "")
    try:
        plan = make_plan(book, procedure, request, seen)
    except PlanError as error:
        return Case(procedure, situation, request.source, request.target or "", why_not=str(error))
    return Case(procedure, situation, case.source, plan.target, plan)


def _failover(book: Runbook, source: str, target: str | None) -> Case:
    situation = f"{source} does not answer any more; everything else is well."
    request = Request(source=source, target=target)
    return _case(book, Procedure.FAILOVER, situation, request, facts(book, well(book), dark=source))


def _switchover(book: Runbook, source: str, target: str | None) -> Case:
    situation = f"All is well; {source} is to be left, for maintenance or ahead of a threat."
    return _case(book, Procedure.SWITCHOVER, situation, Request(source=source, target=target), _well(book))


def _isolated(book: Runbook, source: str, target: str | None) -> Case:
    situation = f"All is well; it is to be proved that {source} could be left, without touching what is in use."
    return _case(book, Procedure.DRILL, situation, Request(source=source, target=target), _well(book))


def _well(book: Runbook) -> Facts:
    return facts(book, well(book))


def _failback(book: Runbook, failover: Case) -> Case:
    """After the failover, when the lost region has come back as it was fenced."""
    assert failover.plan is not None, "only plans lead somewhere"
    now = afterwards(well(book), failover.plan)
    serving = failover.plan.target
    situation = f"After the failover {failover.source} → {serving}; {failover.source} has come back, fenced, and is to serve again."
    return _case(book, Procedure.FAILBACK, situation, Request(source=serving), facts(book, now))


def _homeward(book: Runbook, switchover: Case) -> Case | None:
    """The way home after a switchover, which a full drill takes, too."""
    if switchover.plan is None:
        return None
    home, away = switchover.source, switchover.plan.target
    now: Sight = afterwards(well(book), switchover.plan)
    seen = facts(book, now)
    procedure, why = way_home(book, home, seen)
    situation = f"After the switchover {home} → {away}, as in a full drill: {why}."
    target = home if procedure is Procedure.SWITCHOVER else None
    return _case(book, procedure, situation, Request(source=away, target=target), seen)


def _distinct(found: list[Case]) -> list[Case]:
    """The same plan for the same reason once."""
    return list({(case.title, case.situation): case for case in found}.values())
