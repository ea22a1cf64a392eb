"""What alerts lead to: a look from the vantage points, the vetoes, a run that is started or joined, or stopped."""

from dataclasses import dataclass

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from runbooks.alerts import Begun
    from runbooks.detection import Words, words
    from runbooks.evidence import Claim
    from runbooks.models import Procedure, Runbook
    from runbooks.objection import Objection, WeighAnswer
    from runbooks.runs import Decision, DecisionKind, RunInput, Trigger
    from runbooks.steps import Reading
    from runbooks.vetoes import Snapshot
    from workflows.confirm import as_seen, survey
    from workflows.starting import start_or_join
    from workflows.weighing import weighed


@dataclass(frozen=True)
class Weighed:
    """What stands against it, and what was seen of the region meanwhile."""

    answer: WeighAnswer
    seen: Words
    history: tuple[Reading, ...] = ()


async def weighed_for(book: Runbook, claim: Claim) -> Weighed:
    """The vantage points are asked before a failover; what is planned presumes nothing, and looks for itself."""
    failover = claim.start == Procedure.FAILOVER
    reports = await survey(book, claim.region) if failover else ()
    verdicts = tuple(verdict for report in reports for verdict in report.verdicts)
    seen = words(book, verdicts, claim.region)
    if failover and not seen.down:
        sentence = (
            f"the vantage points do not confirm it: {seen.count} ({as_seen(verdicts, claim.region)}). "
            f"If you know better: `evac failover FILE --from {claim.region} --force`"
        )
        return Weighed(WeighAnswer(objections=(Objection(veto="unconfirmed", sentence=sentence),)), seen)
    now = workflow.time()
    snapshot = Snapshot(runbook=book, region=claim.region, verdicts=verdicts, at=now, since=claim.since)
    history = tuple(reading for report in reports for reading in report.history)
    return Weighed(await weighed(snapshot), seen, history)


async def ask_for(book: Runbook, text: str, claim: Claim, found: Weighed) -> str | None:
    """Start the run, or join the one that is going: its id; empty: joined; None: it ended in between."""
    trigger = Trigger(
        id=str(workflow.uuid4()),
        kind="alert",
        by=claim.by,
        at=workflow.time(),
        reason=claim.said,
        procedure=claim.start,
        source=claim.region,
        proof=claim.alerts[0].proof,
        mode=claim.rule.mode,
    )
    request = RunInput(
        runbook=book,
        text=text,
        procedure=claim.start,
        source=claim.region,
        trigger=trigger,
        verdicts=found.seen.bad,
        history=found.history,
    )
    return await start_or_join(request)


async def ask_to_stop(runbook: str, begun: Begun) -> str:
    """Ask the run that alerts started to stop, if it still can be undone: it judges that. What came of the asking."""
    decision = Decision(
        id=str(workflow.uuid4()),
        kind=DecisionKind.ABORT,
        by=begun.by,
        at=workflow.time(),
        reason="the alerts that started it are resolved",
        only_before_return=True,
    )
    run = workflow.get_external_workflow_handle(f"evac/{runbook}", run_id=begun.run)
    try:
        await run.signal("decide", decision)
    except ApplicationError:
        return "the run that they started has ended"
    return "the run that they started was asked to stop, which it does up to its point of no return"
