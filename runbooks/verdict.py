"""The verdict on a drill: what its runs measured in, sentences out. Pure."""

from collections.abc import Mapping

from runbooks.candidates import values
from runbooks.drills import GOOD, DrillReport, Leg, LegName, Mode, Soak
from runbooks.durations import duration
from runbooks.facts import Facts
from runbooks.kinds import KINDS
from runbooks.models import Procedure, Role, Runbook
from runbooks.plan import Plan, Step
from runbooks.runs import RunState, Status, StepState
from runbooks.steps import Verb
from runbooks.traffic import size
from runbooks.values import UnixTime

Judgement = tuple[bool, str]
"""Is it as promised, and the sentence."""

_FELT = frozenset({Verb.FENCE, Verb.PROMOTE, Verb.CUT_OVER})
"""What users feel until it is taken back."""


def public_steps(plan: Plan) -> tuple[Step, ...]:
    """The verifications made after the cut-over, through the public name; all there are when nothing is cut over."""
    after: set[str] = {step.id for step in plan.steps if step.verb == Verb.CUT_OVER}
    for step in plan.steps:  # a plan's steps come after what they need
        if not after.isdisjoint(step.needs):
            after.add(step.id)
    verifies = [step for step in plan.steps if step.verb == Verb.VERIFY]
    return tuple([step for step in verifies if step.id in after] or verifies)


def leg_of(name: LegName, state: RunState, run: str) -> Leg:
    """What is kept of a leg, measured from its steps."""
    steps = {step.id: step for step in state.steps}
    served = _served_at(state, steps)
    fences = [steps[s.id].started_at for s in state.plan.steps if s.verb == Verb.FENCE] if state.plan else []
    fenced = min((at for at in fences if at is not None), default=None)
    lost = {report.loss.resource: report.loss for report in state.losses if report.moment == "after"}
    proofs = _rehearsed(state, steps) if name == "rehearsal" else ()
    return Leg(
        name=name,
        procedure=state.procedure,
        source=state.source,
        target=state.target,
        run=run,
        outcome=state.outcome,
        message=state.message,
        record=state.record,
        recovery=None if served is None else served - state.triggered_at,
        decided=None if state.decided_at is None else state.decided_at - state.triggered_at,
        without_writes=None if served is None or fenced is None else served - fenced,
        losses=tuple(lost.values()),
        proofs=proofs,
    )


def moved(state: RunState) -> bool:
    """The run has stopped or moved a writer, or moved the traffic, and not taken it back."""
    if state.plan is None:
        return False
    done = {step.id for step in state.steps if step.status == Status.DONE}
    return any(step.id in done for step in state.plan.steps if step.verb in _FELT)


def way_home(book: Runbook, home: str, facts: Facts) -> tuple[Procedure, str]:
    """The procedure that leads home, and why. A failback also rebuilds, shrinks, and leaves others their share."""
    if book.regions[home].role != Role.ACTIVE:
        return Procedure.SWITCHOVER, f"{home} is a standby, so a switchover leads back to it"
    why = _unfollowed(book, home, facts) or _shared(book, home) or _grown(book, home, facts)
    if why is not None:
        return Procedure.FAILBACK, why
    return Procedure.SWITCHOVER, f"every store in {home} follows, so a switchover leads home"


def _unfollowed(book: Runbook, home: str, facts: Facts) -> str | None:
    for name, resource in book.resources.items():
        if not KINDS[resource.kind].holds_data:
            continue
        seen = values(facts.fresh(name, home))
        if seen is None or seen.role != "standby" or not seen.streaming:
            state = "cannot be seen" if seen is None else "is no streaming standby"
            return f"{name} in {home} {state}, so a failback rebuilds it on the way home"
    return None


def _shared(book: Runbook, home: str) -> str | None:
    others = [name for name, region in book.regions.items() if region.role == Role.ACTIVE and name != home]
    return f"{' and '.join(others)} keep their own share, so a failback leads home" if others else None


def _grown(book: Runbook, home: str, facts: Facts) -> str | None:
    for name, resource in book.resources.items():
        for region in book.regions:
            seen = size(facts, name, region) if Verb.SCALE in KINDS[resource.kind].verbs else None
            if region != home and seen is not None and seen > resource.replicas.get(region, 0):
                return f"{name} in {region} has grown, so a failback leads home and shrinks it again"
    return None


def verdict(book: Runbook, legs: tuple[Leg, ...], soak: Soak | None, mode: Mode) -> DrillReport:
    """Passed only when each leg went through, the way out was quick enough, nothing was lost and the soak was good."""
    out = legs[0] if legs else None
    judged = [_leg_judged(leg) for leg in legs]
    if mode == "full":
        judged += [*_times(book, out), *_losses(book, legs), _soaked(soak), _came_home(legs)]
    return DrillReport(
        passed=bool(judged) and all(good for good, _ in judged),
        sentences=tuple(sentence for _, sentence in judged),
        rto=book.objectives.rto,
        rpo=book.objectives.rpo,
        recovery=out.recovery if out else None,
        without_writes=out.without_writes if out else None,
        losses=out.losses if out else (),
    )


def _leg_judged(leg: Leg) -> Judgement:
    what = {"out": "The way out", "home": "The way home", "rehearsal": "The rehearsal"}[leg.name]
    proofs = "".join(f"; {proof.rstrip('.')}" for proof in leg.proofs)
    return leg.outcome in GOOD, f"{what} ({leg.procedure}) ended {leg.outcome}: {leg.message}{proofs}"


def _times(book: Runbook, out: Leg | None) -> list[Judgement]:
    rto = book.objectives.rto
    if out is None or out.recovery is None:
        return [(False, f"The recovery time could not be measured; the objective is {duration(rto)}")]
    decided = "" if out.decided is None else f" (decided after {duration(out.decided)})"
    said = f"Recovered {duration(out.recovery)} after the request{decided}; the objective is {duration(rto)}"
    found = [(out.recovery <= rto, said)]
    if out.without_writes is not None:
        found.append((True, f"No writes for at most {duration(out.without_writes)}"))
    return found


def _losses(book: Runbook, legs: tuple[Leg, ...]) -> list[Judgement]:
    """A planned move may lose nothing."""
    found: list[Judgement] = []
    for leg in legs:
        for loss in leg.losses:
            lost = bool(loss.bytes or loss.transactions or (loss.seconds or 0) > book.objectives.rpo)
            found.append((not lost, f"{'Lost' if lost else 'Nothing lost'} on the way {leg.name}: {loss.sentence}"))
    return found


def _soaked(soak: Soak | None) -> Judgement:
    if soak is None or not soak.rounds:
        return False, "Nobody looked at the system while it served away from home"
    lasted = duration((soak.ended_at or soak.began_at) - soak.began_at)
    good = soak.rounds - soak.bad - soak.unknown
    said = (
        f"Away from home for {lasted} of {duration(soak.planned)}: {good} of {soak.rounds} rounds of checks were good"
    )
    more = "".join(f"; {sentence}" for sentence in soak.sentences)
    return not soak.bad and good > 0, said + more


def _came_home(legs: tuple[Leg, ...]) -> Judgement:
    last = legs[-1] if legs else None
    if last is not None and last.name == "home" and last.outcome in GOOD:
        return True, f"Home again in {last.target}"
    where = legs[0].target if legs and legs[0].outcome in GOOD else ""
    return False, f"Not home again: it serves from {where}" if where else "It did not come home from anywhere"


def _served_at(state: RunState, steps: dict[str, StepState]) -> UnixTime | None:
    wanted = [steps[step.id] for step in public_steps(state.plan)] if state.plan else []
    if not wanted or any(s.status not in (Status.DONE, Status.UNCHANGED) or s.ended_at is None for s in wanted):
        return None
    return max(s.ended_at for s in wanted if s.ended_at is not None)


def _rehearsed(state: RunState, steps: Mapping[str, StepState]) -> tuple[str, ...]:
    """What each rehearsal said, and what the plan says about those that there were none of."""
    if state.plan is None:
        return ()
    results = [(s.sentence, steps[s.id].result) for s in state.plan.steps if s.verb == Verb.REHEARSE]
    return (*(f"{said}: {result.reason}" for said, result in results if result is not None), *state.plan.notes)
