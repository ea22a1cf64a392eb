"""What is lost, measured three times: when the plan is made, when it is approved, and after the promotions."""

from collections.abc import Mapping

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.candidates import primary_seen
    from runbooks.facts import Facts
    from runbooks.loss import LossReport, Moment, after, compare, worse
    from runbooks.plan import Loss, Plan
    from runbooks.runs import Status, StepState
    from runbooks.steps import Verb


class Losses:
    """The measurements of one run, in order."""

    def __init__(self) -> None:
        self.reports: list[LossReport] = []

    def stated(self, plan: Plan, moment: Moment) -> None:
        """What the plan says would be lost."""
        for loss in plan.loss:
            self._add(moment, loss)

    def measured(self, plan: Plan, facts: Facts, states: Mapping[str, StepState]) -> None:
        """What was lost of each resource whose standby was promoted, from what was seen of both before."""
        stated = {loss.resource: loss for loss in plan.loss}
        for step in plan.steps:
            result = states[step.id].result
            promoted = step.verb is Verb.PROMOTE and states[step.id].status is Status.DONE
            if promoted and result is not None and step.resource in stated:
                primary = primary_seen(step.resource, plan.source, facts)
                reading = None if primary is None else primary[0]
                self._add("after", after(stated[step.resource], reading, result.before, facts.fault_at))

    def _add(self, moment: Moment, loss: Loss) -> None:
        earlier = [report for report in self.reports if report.loss.resource == loss.resource]
        difference = compare(earlier[-1], loss) if earlier else ""
        self.reports.append(LossReport(moment=moment, at=workflow.time(), loss=loss, difference=difference))


def grown(approved: Plan, now: Plan) -> str | None:
    """Why what was approved is no longer what would happen: a loss that has grown, or a new reason against it."""
    stated = {loss.resource: loss for loss in approved.loss}
    found = [worse(stated[loss.resource], loss, now.rpo) for loss in now.loss if loss.resource in stated]
    known = {refusal.name or refusal.sentence for refusal in approved.refusals}
    found += [refusal.sentence for refusal in now.standing() if (refusal.name or refusal.sentence) not in known]
    return "; ".join(sentence for sentence in found if sentence) or None
