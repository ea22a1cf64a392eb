"""Two records side by side: what was decided, done, lost, and how long it took. Pure."""

from collections.abc import Iterator

from audit.account_run import approvers
from audit.bundle import Bundle, BundleError
from audit.measures import Measures, measures
from runbooks.durations import duration
from runbooks.runs import RunState
from runbooks.values import Model

NONE = "-"


class Difference(Model):
    """One line: the same of both records, or not."""

    what: str
    one: str
    other: str

    @property
    def same(self) -> bool:
        """They do not differ."""
        return self.one == self.other


def diff(one: Bundle, other: Bundle) -> list[Difference]:
    """Every line of both. Raises BundleError when one is not the record of a run."""
    first, second = dict(_lines(_state(one))), dict(_lines(_state(other)))
    names = [*first, *(name for name in second if name not in first)]
    return [Difference(what=name, one=first.get(name, NONE), other=second.get(name, NONE)) for name in names]


def _state(bundle: Bundle) -> RunState:
    state = bundle.state()
    if state is None:
        message = f"{bundle.where} is not the record of a run: only runs are compared"
        raise BundleError(message)
    return state


def _lines(state: RunState) -> Iterator[tuple[str, str]]:
    measured = measures(state)
    yield "runbook", state.runbook
    yield "procedure", f"{state.procedure}{', drill' if state.drill else ''}"
    yield "from, to", f"{state.source} -> {state.target or 'none'}"
    yield "outcome", str(state.outcome or state.phase)
    yield "plan", state.checksum[:12] or "none"
    yield "asked by", ", ".join(dict.fromkeys(trigger.by for trigger in state.triggers))
    yield "approved by", ", ".join(approvers(state)) or "nobody"
    yield from _measured(measured)
    for number, judged in enumerate(state.decisions, 1):
        decision = judged.decision
        refused = " (refused)" if judged.refused else ""
        yield f"decision {number}", f"{decision.by}: {decision.kind} {decision.step}".rstrip() + refused
    for step in state.steps:
        took = measured.steps.get(step.id)
        yield f"step {step.id}", f"{step.status}{'' if took is None else f', {duration(took)}'}"


def _measured(measured: Measures) -> Iterator[tuple[str, str]]:
    rto = measured.rto
    found = rto.sentence if rto.measured is None else duration(rto.measured)
    yield "recovery", f"{found} of {duration(rto.objective)}{'' if rto.met is not False else ', OVER'}"
    if measured.approval_waited is not None:
        yield "waited for approval", duration(measured.approval_waited)
    for lost in measured.rpo:
        seconds = lost.stated if lost.measured is None else lost.measured
        yield f"loss of {lost.resource}", "unknown" if seconds is None else duration(seconds)
