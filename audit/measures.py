"""What was promised and what was measured: recovery time and loss of a run, in numbers with their sentence. Pure."""

from runbooks.durations import duration
from runbooks.loss import LossReport
from runbooks.models import PLANNED, Procedure
from runbooks.outlook import against_rto, began, losses, writes_stopped
from runbooks.runs import Outcome, RunState, Status
from runbooks.values import Model, Seconds, UnixTime

_SERVES = frozenset({Outcome.RECOVERED, Outcome.COMPLETED, Outcome.APPLIED_NOT_CONFIRMED})


class Recovery(Model):
    """The recovery time. `met` is None where there was nothing to measure: nothing was down, or it never came back."""

    objective: Seconds
    measured: Seconds | None = None
    met: bool | None = None
    sentence: str = ""


class Lost(Model):
    """What was lost of one resource: as stated when it was approved, and as measured afterwards. None = unknown."""

    resource: str
    region: str
    objective: Seconds
    stated: Seconds | None = None
    measured: Seconds | None = None
    bytes: int | None = None
    transactions: int | None = None
    met: bool | None = None
    sentence: str = ""


class Measures(Model):
    """All that is measured of a run."""

    runbook: str
    run: str
    procedure: Procedure
    drill: bool = False
    outcome: Outcome | None = None
    began_at: UnixTime
    ended_at: UnixTime | None = None
    rto: Recovery
    rpo: tuple[Lost, ...] = ()
    approval_waited: Seconds | None = None
    steps: dict[str, Seconds] = {}
    not_run: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    unproved: tuple[str, ...] = ()


def measures(state: RunState) -> Measures:
    """Measure the run that has ended."""
    waited = approval_wait(state)
    return Measures(
        runbook=state.runbook,
        run=state.run,
        procedure=state.procedure,
        drill=bool(state.drill),
        outcome=state.outcome,
        began_at=began(state),
        ended_at=state.ended_at,
        rto=_recovery(state),
        rpo=tuple(_lost(reports, state.rpo) for reports in losses(state).values()),
        approval_waited=None if waited is None else waited[1] - waited[0],
        steps={
            step.id: max(0.0, step.ended_at - step.started_at)
            for step in state.steps
            if step.started_at is not None and step.ended_at is not None
        },
        not_run=_of(state, Status.NOT_RUN, Status.PENDING),
        skipped=_of(state, Status.SKIPPED),
        unproved=tuple(step.id for step in state.steps if step.result is not None and not step.result.proved),
    )


def approval_wait(state: RunState) -> tuple[UnixTime, UnixTime] | None:
    """From when until when the plan that ran waited for people, the last time it was asked; None when nobody was."""
    rule, until = state.approval, state.expires_at
    ended = state.decided_at or state.ended_at
    if rule is None or until is None or ended is None:
        return None
    return (until - rule.timeout, max(ended, until - rule.timeout))


def _of(state: RunState, *statuses: Status) -> tuple[str, ...]:
    return tuple(step.id for step in state.steps if step.status in statuses)


def _recovery(state: RunState) -> Recovery:
    end = state.ended_at or state.started_at
    if state.ended_at is None:
        return Recovery(objective=state.rto, sentence="the run had not come to its end when this was written")
    if state.procedure in PLANNED:
        stopped = writes_stopped(state, end)
        if stopped is None:
            return Recovery(objective=state.rto, sentence="writes were never stopped")
        return _timed(state.rto, stopped, f"writes were stopped for {duration(stopped)}")
    spent = against_rto(state, end)
    since = "it was asked for" if state.fault_at is None else "the fault was first seen"
    if state.outcome not in _SERVES:
        return Recovery(
            objective=state.rto, met=False, sentence=f"not recovered; it ended {duration(spent)} after {since}"
        )
    return _timed(state.rto, spent, f"it served again {duration(spent)} after {since}")


def _timed(objective: float, spent: float, sentence: str) -> Recovery:
    return Recovery(objective=objective, measured=spent, met=spent <= objective, sentence=sentence)


def _lost(reports: tuple[LossReport, ...], objective: float) -> Lost:
    """`reports` are newest first."""
    newest = reports[0]
    stated = next((report.loss.seconds for report in reports if report.moment != "after"), None)
    seconds = newest.loss.seconds
    return Lost(
        resource=newest.loss.resource,
        region=newest.loss.region,
        objective=objective,
        stated=stated,
        measured=seconds if newest.moment == "after" else None,
        bytes=newest.loss.bytes,
        transactions=newest.loss.transactions,
        met=None if newest.moment != "after" or seconds is None else seconds <= objective,
        sentence=newest.loss.sentence,
    )
