"""What a demo measured, in numbers and in words. Pure."""

from collections.abc import Mapping, Sequence

from lab.outage import Loss, Report
from runbooks.runs import Outcome, RunState
from runbooks.values import Model, Seconds

SYNCHRONOUSLY = "synchronously"
ASYNCHRONOUSLY = "asynchronously"


class StoreLoss(Model):
    """What one store lost of the acknowledged writes; None: it could not be asked."""

    store: str
    copied: str
    """How its copies are made: `synchronously`, `asynchronously`."""
    lost: int | None = None
    seconds: Seconds | None = None


class Figures(Model):
    """The figures of one failover: Evac's own clock for the parts, the outside client's for what users felt."""

    outcome: str
    detection: Seconds | None
    """From the kill to the detector's verdict that started the run."""
    decision: Seconds | None
    """From the verdict to the first step: confirm, observe, plan, approve."""
    recovery: Seconds | None
    """From the first step to the last verify."""
    rto: Seconds | None
    """From the kill to the first good write and the first good answer through the public name."""
    rto_objective: Seconds
    without_writes: Seconds | None
    without_inference: Seconds | None
    acknowledged: int
    """By all stores of the region that served: each of them must have it afterwards."""
    lost: tuple[StoreLoss, ...]
    rpo_objective: Seconds
    detection_settings: str
    record: str = ""

    @property
    def lost_seconds(self) -> Seconds | None:
        """Of the store that lost most; None when one of them could not be asked."""
        told = [store.seconds for store in self.lost if store.seconds is not None]
        return max(told) if told and len(told) == len(self.lost) else None

    @property
    def good(self) -> bool:
        """Recovered, within both objectives, and nothing acknowledged lost where writes waited for the copy."""
        within = self.rto is not None and self.rto <= self.rto_objective
        kept = self.lost_seconds is not None and self.lost_seconds <= self.rpo_objective
        none_lost = all(store.lost == 0 for store in self.lost if store.copied == SYNCHRONOUSLY)
        return self.outcome == Outcome.RECOVERED and within and kept and none_lost


def store_losses(found: Sequence[Loss], copied: Mapping[str, str]) -> tuple[StoreLoss, ...]:
    """One for each store, by name; one that has no primary any more could not be asked. `copied`: how, by store."""
    by_store = {loss.store.partition(".")[0]: loss for loss in sorted(found, key=lambda loss: loss.missing)}
    return tuple(
        StoreLoss(store=store, copied=how, lost=loss.missing if loss else None, seconds=loss.seconds if loss else None)
        for store, how in copied.items()
        for loss in (by_store.get(store),)
    )


def figures(state: RunState, seen: Report, lost: tuple[StoreLoss, ...], detection: str) -> Figures:
    """Put Evac's record and the client's journal together. `detection`: how a dead region is recognised, in words."""
    killed = seen.killed_at
    back = [gap.ended_at for gap in (seen.writes, seen.inference) if gap is not None and gap.ended_at is not None]
    detected, decided, ended = state.triggers[0].at, state.decided_at, state.serving_at or state.ended_at
    return Figures(
        outcome=state.outcome or state.phase,
        detection=None if killed is None else max(0.0, detected - killed),
        decision=None if decided is None else decided - detected,
        recovery=None if decided is None or ended is None else ended - decided,
        rto=max(back) - killed if seen.recovered and killed is not None else None,
        rto_objective=state.rto,
        without_writes=seen.seconds_without_writes,
        without_inference=seen.seconds_without_inference,
        acknowledged=seen.acknowledged,
        lost=lost,
        rpo_objective=state.rpo,
        detection_settings=detection,
        record=state.record,
    )


def lines(found: Figures) -> list[str]:
    """The figures as an operator reads them."""
    worst = f"the store that lost most of {found.acknowledged} acknowledged writes; objective {found.rpo_objective:g} s"
    rows = [
        ("detection", _s(found.detection), "kill -> the detector's verdict"),
        ("decision", _s(found.decision), "verdict -> first step (observe, plan, approve)"),
        ("recovery", _s(found.recovery), "first step -> verified through the public name"),
        ("RTO", _s(found.rto), f"kill -> first good write and answer; objective {found.rto_objective:g} s"),
        ("no writes", _s(found.without_writes), "as a client outside felt it"),
        ("no answers", _s(found.without_inference), "as a client outside felt it; an answer may come from the cache"),
        ("RPO", _s(found.lost_seconds), worst),
        *((f"  {store.store}", _lost(store), _how(store)) for store in found.lost),
    ]
    return [f"  {name:<11}{value:>9}   {what}" for name, value, what in rows]


def _lost(store: StoreLoss) -> str:
    return "-" if store.lost is None else f"{store.lost} lost"


def _how(store: StoreLoss) -> str:
    if store.lost is None:
        return "could not be asked: it has no primary"
    when = f"; what is lost is of the last {_s(store.seconds)}" if store.lost else ""
    return f"copied {store.copied}{when}"


def _s(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.2f} s"
