"""Handing alerts over to the workflow that weighs them: what was handed over is kept, even while no worker runs."""

from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy

from runbooks.alerts import AlertSignal, AlertsInput
from runbooks.load import LoadedRunbook
from triggers import names
from triggers.start import RPC, TASK
from worker.settings import Settings
from workflows.search_attributes import EVAC_RUNBOOK


async def hand_over(client: Client, settings: Settings, read: LoadedRunbook, signal: AlertSignal) -> None:
    """Hand the alerts to `evac/<runbook>/alerts`, which is started when it does not run. Temporal has them then.

    `read` is the runbook as it is now: its newest text judges. Raises RPCError when Temporal does not take them.
    """
    book = read.runbook
    carried = signal.model_copy(update={"runbook": book, "text": read.text})
    await client.start_workflow(
        names.ALERTS,
        AlertsInput(runbook=book, text=read.text),
        id=names.alerts_id_of(book.name),
        task_queue=settings.task_queue,
        start_signal=names.HEAR,
        start_signal_args=[carried],
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        static_summary=f"{book.name}: weighs its alerts",
        search_attributes=TypedSearchAttributes([SearchAttributePair(EVAC_RUNBOOK, book.name)]),
        task_timeout=TASK,
        rpc_timeout=RPC,
    )
