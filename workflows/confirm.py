"""Is the region down? Asked of the vantage points outside it; silence is 'unknown', and unknown never counts."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.models import Runbook
    from runbooks.runs import RunInput, Verdict
    from runbooks.values import UnixTime
    from runbooks.watches import WatchCall, WatchReport
    from workflows.retries import HEARTBEAT
    from workflows.sentences import sentence

FRESH = 15.0
"""Seconds for which the detector's verdicts may be acted on."""


def first_bad(verdicts: Sequence[Verdict], region: str) -> UnixTime | None:
    """When the region was first seen to fail, by any vantage point."""
    seen = [v.first_bad_at for v in verdicts if v.region == region and v.first_bad_at is not None]
    return min(seen, default=None)


def as_seen(verdicts: Sequence[Verdict], region: str) -> str:
    """Who says what of the region, in words: the same words once, with all who say them."""
    by_reason: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.region == region:
            by_reason.setdefault(verdict.reason, []).append(verdict.vantage)
    return "; ".join(f"{' and '.join(sorted(places))}: {reason}" for reason, places in by_reason.items())


def confirmed_already(request: RunInput, now: UnixTime) -> bool:
    """The detector has seen the fault, from enough vantage points, a moment ago."""
    young = [v for v in request.verdicts if abs(now - v.at) <= FRESH]  # a clock far ahead would be young for ever
    return len(agreed(request.runbook, young, request.source)) >= request.runbook.quorum_for(request.source)


def agreed(runbook: Runbook, verdicts: Sequence[Verdict], region: str) -> set[str]:
    """The vantage points outside the region that call it down. Its own may be the one that is cut off."""
    outside = runbook.vantages_for(region)
    return {v.vantage for v in verdicts if v.region == region and v.state == "unhealthy" and v.vantage in outside}


async def look(runbook: Runbook, region: str) -> tuple[Verdict, ...]:
    """What every vantage point outside the region says of it; as soon as a quorum calls it unhealthy, of those."""
    return tuple(_of(report, region) for report in await survey(runbook, region))


async def survey(runbook: Runbook, region: str) -> tuple[WatchReport, ...]:
    """Ask every vantage point outside the region once; go on as soon as a quorum calls it unhealthy."""
    vantages = runbook.vantages_for(region)
    tasks = [asyncio.create_task(_report(runbook, vantage, region)) for vantage in vantages]
    needed = runbook.quorum_for(region)

    def settled() -> bool:
        done = [_of(task.result(), region) for task in tasks if task.done()]
        return len(done) == len(tasks) or sum(v.state == "unhealthy" for v in done) >= needed

    await workflow.wait_condition(settled)
    reports = tuple(task.result() for task in tasks if task.done())
    for task in tasks:
        task.cancel()
    return reports


def _of(report: WatchReport, region: str) -> Verdict:
    return next(verdict for verdict in report.verdicts if verdict.region == region)


async def _report(runbook: Runbook, vantage: str, region: str) -> WatchReport:
    """What is said from there: at the least that nothing is known of the region."""
    try:
        report: WatchReport = await workflow.execute_activity(
            "look",
            WatchCall(runbook=runbook, vantage=vantage),
            result_type=WatchReport,
            task_queue=f"{workflow.info().task_queue}@{vantage}",
            summary=f"Look at the regions from {vantage}",
            schedule_to_start_timeout=timedelta(seconds=3),
            start_to_close_timeout=timedelta(seconds=60 + 2 * runbook.detect.interval * runbook.detect.failures),
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RetryPolicy(maximum_attempts=2),  # one lost answer is no quorum lost
        )
    except ActivityError as error:
        why = f"no answer from the worker there ({sentence(error)})"
        return WatchReport(verdicts=(_unknown(vantage, region, why),))
    if any(verdict.region == region for verdict in report.verdicts):
        return report
    return report.model_copy(update={"verdicts": (*report.verdicts, _unknown(vantage, region, "it was not looked at"))})


def _unknown(vantage: str, region: str, why: str) -> Verdict:
    return Verdict(vantage=vantage, region=region, state="unknown", reason=why, at=workflow.time())
