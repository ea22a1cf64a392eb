"""What is asked of Temporal itself: is it quick, does it keep what it must, and is its clock ours."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    GetSystemInfoRequest,
    PollActivityTaskQueueRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from runbooks.controls import engaged_sentence
from runbooks.durations import duration
from runbooks.readiness import DAY
from triggers.controls import kill_switch_state
from triggers.doctor.findings import Case, Finding, bad, ok, unknown, warn
from worker.register import missing_search_attributes, registration

_RPC = timedelta(seconds=3)
_LONG_POLL = timedelta(seconds=60)
"""A server warns of a shorter one in its log. It is given up as soon as the server has seen it."""
_SLOW = 0.25
"""Seconds for one answer: a run asks some hundred times."""
_SKEW, _WRONG = 0.5, 5.0
"""Seconds between two clocks: facts are judged by their age, and an age by the clock of whoever looks."""
_LONG_ENOUGH = 30.0
_ASKED = 3


async def connection(case: Case, client: Client) -> list[Finding]:
    """It answers, and how quickly; the namespace is there."""
    del case
    times = []
    for _ in range(_ASKED):
        began = time.perf_counter()
        info = await client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=_RPC)
        times.append(time.perf_counter() - began)
    where = client.service_client.config.target_host
    try:
        await _namespace(client)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        told = f"The namespace {client.namespace} is not there on {where}."
        return [bad("temporal", told, f"temporal operator namespace create --retention 30d {client.namespace}")]
    told = f"Temporal {info.server_version} answers at {where} in {duration(min(times))}, namespace {client.namespace}."
    if min(times) > _SLOW:
        return [warn("temporal", told, "That is slow: a run asks it some hundred times. Run workers near to it.")]
    return [ok("temporal", told)]


async def attributes(case: Case, client: Client) -> list[Finding]:
    """The search attributes are registered: without them a run's first task is blocked for ever."""
    del case
    missing = await missing_search_attributes(client)
    if not missing:
        return [ok("attributes", "The search attributes of Evac are registered.")]
    told = f"These search attributes are not registered: {', '.join(missing)}."
    return [bad("attributes", told, f"Start `evac worker`, which registers them; or: {registration(client)}")]


async def retention(case: Case, client: Client) -> list[Finding]:
    """How long Temporal remembers what has ended."""
    config = (await _namespace(client)).config
    days = config.workflow_execution_retention_ttl.ToSeconds() / DAY
    forgets = f"The namespace forgets what has ended after {duration(days * DAY)}"
    told = f"{forgets}; its records stay in {case.settings.records}."
    if days >= _LONG_ENOUGH:
        return [ok("retention", told)]
    longer = f"temporal operator namespace update --retention 30d {client.namespace}"
    return [warn("retention", told, f"For `evac history` to look back further:\n{longer}")]


async def _namespace(client: Client):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a message of Temporal's
    request = DescribeNamespaceRequest(namespace=client.namespace)
    return await client.workflow_service.describe_namespace(request, timeout=_RPC)


async def clock(case: Case, client: Client) -> list[Finding]:
    """This machine's clock against the server's, which stamps whoever polls a task queue."""
    del case
    looks = [await _look(client) for _ in range(_ASKED)]
    before, stamped, after = min(looks, key=lambda look: look[2] - look[0])  # the closest says the most
    if stamped is None:
        return [unknown("clock", "Temporal's clock could not be read.")]
    return [compared(before, stamped, after)]


async def _look(client: Client) -> tuple[float, float | None, float]:
    """The server's time, between two times of ours."""
    before = time.time()
    stamped = await _server_time(client)
    return before, stamped, time.time()


def compared(before: float, stamped: float, after: float) -> Finding:
    """What the server's time says of our clock, when it was taken between these two times of ours."""
    skew = max(before - stamped, stamped - after, 0.0)
    if skew < _SKEW:
        return ok("clock", f"This clock and Temporal's agree, to within {duration(max(after - before, 0.001))}.")
    told = f"This clock is {duration(skew)} {'behind' if stamped > after else 'ahead of'} Temporal's."
    advice = "Set it by NTP: readings are judged by their age, and a wrong clock makes them too old, or too young."
    return bad("clock", told, advice) if skew > _WRONG else warn("clock", told, advice)


async def _server_time(client: Client) -> float | None:
    """Poll a queue that nobody else knows, and read when the server saw that."""
    queue = TaskQueue(name=f"evac-doctor-{uuid4().hex}")
    kind = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
    poll = PollActivityTaskQueueRequest(namespace=client.namespace, task_queue=queue, identity="evac doctor")
    polling = asyncio.create_task(client.workflow_service.poll_activity_task_queue(poll, timeout=_LONG_POLL))
    look = DescribeTaskQueueRequest(namespace=client.namespace, task_queue=queue, task_queue_type=kind)
    try:
        while not polling.done():
            answer = await client.workflow_service.describe_task_queue(look, timeout=_RPC)
            if answer.pollers:
                return answer.pollers[0].last_access_time.ToNanoseconds() / 1e9
            await asyncio.sleep(0.02)
    finally:
        polling.cancel()
        with suppress(asyncio.CancelledError, RPCError):
            await polling
    return None


async def kill_switches(case: Case, client: Client) -> list[Finding]:
    """Whether one is engaged."""
    scopes = ["", *(book.runbook.name for book in case.books)]
    engaged = await asyncio.gather(*(kill_switch_state(client, scope) for scope in scopes))
    found = {switch.scope: switch for some in engaged for switch in some}
    if not found:
        return [ok("kill switch", "No kill switch is engaged.")]
    return [
        warn(
            "kill switch",
            f"{engaged_sentence(switch)}.",
            f"Nothing begins until: evac kill-switch off{f' --runbook {scope}' if scope else ''}",
        )
        for scope, switch in found.items()
    ]
