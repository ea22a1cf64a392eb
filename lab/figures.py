"""What a demo measured, in numbers and in words. Pure."""

from lab.outage import Loss, Report
from runbooks.runs import Outcome, RunState
from runbooks.values import Model, Seconds


class Figures(Model):
    """The figures of one failover: Evac's own clock for the parts, the outside client's for what users felt."""

    outcome: str
    mode: str
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
    lost_rows: int | None
    lost_seconds: Seconds | None
    rpo_objective: Seconds
    detection_settings: str
    record: str = ""

    @property
    def good(self) -> bool:
        """Recovered, within both objectives, and nothing acknowledged lost where commits waited for the standby."""
        within = self.rto is not None and self.rto <= self.rto_objective
        kept = self.lost_seconds is not None and self.lost_seconds <= self.rpo_objective
        none_lost = self.mode != "synchronous" or self.lost_rows == 0
        return self.outcome == Outcome.RECOVERED and within and kept and none_lost


def figures(state: RunState, seen: Report, lost: Loss | None, lab: tuple[str, str]) -> Figures:
    """Put Evac's record and the client's journal together. `lab`: its replication mode, and its detection in words."""
    mode, detection = lab
    killed = seen.killed_at
    back = [gap.ended_at for gap in (seen.writes, seen.inference) if gap is not None and gap.ended_at is not None]
    detected, decided, ended = state.triggers[0].at, state.decided_at, state.ended_at
    return Figures(
        outcome=state.outcome or state.phase,
        mode=mode,
        detection=None if killed is None else max(0.0, detected - killed),
        decision=None if decided is None else decided - detected,
        recovery=None if decided is None or ended is None else ended - decided,
        rto=max(back) - killed if seen.recovered and killed is not None else None,
        rto_objective=state.rto,
        without_writes=seen.seconds_without_writes,
        without_inference=seen.seconds_without_inference,
        acknowledged=seen.acknowledged,
        lost_rows=lost.missing if lost else None,
        lost_seconds=lost.seconds if lost else None,
        rpo_objective=state.rpo,
        detection_settings=detection,
        record=state.record,
    )


def lines(found: Figures) -> list[str]:
    """The figures as an operator reads them."""
    lost = "not measured" if found.lost_rows is None else f"{found.lost_rows} of {found.acknowledged} acknowledged rows"
    rows = [
        ("detection", _s(found.detection), "kill -> the detector's verdict"),
        ("decision", _s(found.decision), "verdict -> first step (observe, plan, approve)"),
        ("recovery", _s(found.recovery), "first step -> verified through the public name"),
        ("RTO", _s(found.rto), f"kill -> first good write and answer; objective {found.rto_objective:g} s"),
        ("no writes", _s(found.without_writes), "as a client outside felt it"),
        ("no answers", _s(found.without_inference), "as a client outside felt it"),
        ("RPO", _s(found.lost_seconds), f"{lost} lost; objective {found.rpo_objective:g} s"),
    ]
    return [f"  {name:<11}{value:>9}   {what}" for name, value, what in rows]


def _s(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.2f} s"
