"""Asking Temporal itself: which run goes, how it ends, and whether workers listen."""

import asyncio
import time
from datetime import timedelta

from temporalio import activity
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowFailureError

from activities.clients import executions
from activities.lifeline import heartbeating
from runbooks.reports import FollowCall, Followed, Going, GoingCall, PollersCall, PollersReport
from runbooks.runs import RunState

RPC = timedelta(seconds=5)

_LIVE_POLL = 75.0
"""A live worker's long poll is renewed every 60 s: an older one belongs to a worker that is gone."""
_KINDS = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)


async def last_poll(client: Client, queue: str, kind: TaskQueueType.ValueType) -> float | None:
    """Seconds since a live worker last polled the queue; None when no worker does."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
    )
    answer = await client.workflow_service.describe_task_queue(request, timeout=RPC)
    ages = [time.time() - poller.last_access_time.ToMilliseconds() / 1000 for poller in answer.pollers]
    return min((max(0.0, age) for age in ages if age < _LIVE_POLL), default=None)


class Temporal:
    """What workflows cannot see by themselves."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @activity.defn(name="going")
    async def going(self, call: GoingCall) -> Going:
        """The newest run under the id: it may have gone on as another procedure since it was started."""
        info = await executions.newest(self._client, call.workflow_id)
        if info is None:
            return Going()
        return Going(open=executions.is_open(info), kind=info.type.name, run=info.execution.run_id)

    @activity.defn(name="follow")
    async def follow(self, call: FollowCall) -> Followed:
        """Wait for the end of the run, and of what it goes on as."""
        async with heartbeating():
            try:
                handle = self._client.get_workflow_handle(call.workflow_id, result_type=RunState)
                return Followed(state=await handle.result())
            except WorkflowFailureError as error:
                return Followed(sentence=f"Temporal closed {call.workflow_id} without a result: {error.cause}")

    @activity.defn(name="pollers")
    async def pollers(self, call: PollersCall) -> PollersReport:
        """When each queue was last polled, whichever kind of task its workers take."""
        ages = await asyncio.gather(*(self._last(queue) for queue in call.queues))
        return PollersReport(ages=dict(zip(call.queues, ages, strict=True)))

    async def _last(self, queue: str) -> float | None:
        ages = await asyncio.gather(*(last_poll(self._client, queue, kind) for kind in _KINDS))
        return min((age for age in ages if age is not None), default=None)
