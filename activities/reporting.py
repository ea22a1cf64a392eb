"""Writing the record of a report, and reading past ones, as activities."""

import asyncio

from temporalio import activity
from temporalio.client import Client

from activities.recording import Archive, history_of
from activities.sealing import written
from audit.report import past, write
from runbooks.reports import Past, PastCall, ReportCall
from runbooks.run_calls import RecordAnswer


class Reporter:
    """Writes and reads reports; the client gives the history."""

    def __init__(self, client: Client, archive: Archive) -> None:
        self._client = client
        self._archive = archive

    @activity.defn(name="report")
    async def report(self, call: ReportCall) -> RecordAnswer:
        """Write the record. A history that cannot be read is left out: the rest is worth keeping."""
        history = await history_of(self._client, call.workflow_id, call.run_id)
        path = await written(
            self._archive.signing_key,
            lambda sealing: write(self._archive.folder, call, history, sealing),
        )
        self._archive.kept()
        return RecordAnswer(location=str(path))

    @activity.defn(name="past")
    async def past(self, call: PastCall) -> Past:
        """When each procedure was last proved."""
        return await asyncio.to_thread(past, self._archive.folder, call.runbook)
