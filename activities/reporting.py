"""Writing the record of a report, and reading past ones, as activities."""

import asyncio
from pathlib import Path

from temporalio import activity
from temporalio.client import Client

from activities.recording import history_of
from audit.report import past, write
from runbooks.reports import Past, PastCall, ReportCall
from runbooks.runs import RecordAnswer


class Reporter:
    """Writes and reads reports below one folder; the client gives the history."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._client = client
        self._folder = folder

    @activity.defn(name="report")
    async def report(self, call: ReportCall) -> RecordAnswer:
        """Write the record. A history that cannot be read is left out: the rest is worth keeping."""
        history = await history_of(self._client, call.workflow_id, call.run_id)
        return RecordAnswer(location=str(write(self._folder, call, history)))

    @activity.defn(name="past")
    async def past(self, call: PastCall) -> Past:
        """When each procedure was last proved."""
        return await asyncio.to_thread(past, self._folder, call.runbook)
