"""Who works: on the task queue, at each vantage point, and of which release."""

import asyncio
from datetime import timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from activities.temporal import last_poll
from runbooks.models import WITNESS, Runbook
from triggers.doctor.findings import Case, Finding, bad, ok, warn
from triggers.look import deaf_vantages
from worker.identity import UNKNOWN, release, release_of

_RPC = timedelta(seconds=3)
_KINDS = {
    TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW: "runs",
    TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY: "steps",
}


async def polling(case: Case, client: Client) -> list[Finding]:
    """Somebody takes runs, and their steps."""
    queue = case.settings.task_queue
    ages = await asyncio.gather(*(last_poll(client, queue, kind) for kind in _KINDS))
    nobody = [what for what, age in zip(_KINDS.values(), ages, strict=True) if age is None]
    if nobody:
        told = f"No worker takes {' and '.join(nobody)} from the task queue {queue}: nothing would be carried out."
        return [bad("workers", told, "evac worker")]
    return [ok("workers", f"Workers take runs and steps from the task queue {queue}.")]


async def vantages(case: Case, client: Client) -> list[Finding]:
    """Each vantage point has a voice; without enough of them no region is ever seen to be down."""
    found: list[Finding] = []
    for book in case.books:
        points = book.runbook.vantages()
        deaf = await deaf_vantages(client, case.settings, points)
        found += _told(book.runbook, points, deaf)
    return found


def _told(book: Runbook, points: tuple[str, ...], deaf: list[str]) -> list[Finding]:
    if not deaf:
        return [ok("vantage", f"{book.name}: somebody looks from {', '.join(points)}.")]
    blind = [
        region
        for region in book.regions
        if len([point for point in book.vantages_for(region) if point not in deaf]) < book.quorum_for(region)
    ]
    told = f"{book.name}: nobody looks from {', '.join(deaf)}."
    commands = [f"evac worker{'' if point == WITNESS else f' --vantage {point}'}" for point in deaf]
    advice = "\n".join(["There, start:", *commands])
    if blind:
        lost = f" Too few are left to see that {' or '.join(blind)} is down."
        return [bad("vantage", told + lost, advice)]
    return [warn("vantage", told, advice)]


async def releases(case: Case, client: Client) -> list[Finding]:
    """The workers are of the release that this command is of, as far as they say."""
    ours, queue = release(), case.settings.task_queue
    theirs = await asyncio.gather(*(_identities(client, queue, kind) for kind in _KINDS))
    told = {who: release_of(who) for who in sorted(set().union(*theirs))}
    others = {who: found for who, found in told.items() if found not in (None, UNKNOWN, ours)}
    if others and ours != UNKNOWN:
        names = ", ".join(f"{who.partition(' ')[0]} ({found})" for who, found in others.items())
        advice = "Let runs end, then start those workers anew from the same release."
        return [warn("release", f"This is Evac {ours}, and these workers are of another release: {names}.", advice)]
    return [ok("release", f"This is Evac {ours}; no worker is of another release.")] if told else []


async def _identities(client: Client, queue: str, kind: TaskQueueType.ValueType) -> set[str]:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
    )
    answer = await client.workflow_service.describe_task_queue(request, timeout=_RPC)
    return {poller.identity for poller in answer.pollers}
