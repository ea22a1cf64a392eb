"""The verdict on a drill: what its runs measured in, sentences out. Pure."""

from runbooks.drills import GOOD, DrillReport, Leg, Mode, Soak
from runbooks.durations import duration
from runbooks.models import Runbook
from runbooks.plan import Loss

Judgement = tuple[bool, str]
"""Is it as promised, and the sentence."""


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
    """A planned move may lose nothing, and must say so: unknown is never green."""
    found: list[Judgement] = []
    for leg in legs:
        lost = [loss for loss in leg.losses if _is_lost(loss, book)]
        found += [(False, f"Lost on the way {leg.name}: {loss.sentence}") for loss in lost]
        measured = {loss.resource for loss in leg.losses}
        kept = {*measured, *leg.whole} - {loss.resource for loss in lost}
        if kept:
            found.append((True, f"Nothing of {' and '.join(sorted(kept))} was lost on the way {leg.name}"))
        unknown = set(leg.promoted) - measured - set(leg.whole)
        if unknown:
            found.append((False, f"What {' and '.join(sorted(unknown))} lost on the way {leg.name} was not measured"))
    return found


def _is_lost(loss: Loss, book: Runbook) -> bool:
    return bool(loss.bytes or loss.transactions or (loss.seconds or 0) > book.objectives.rpo)


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
