"""Writing a run's record, as an activity."""

from pathlib import Path

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError

from audit.record import write
from runbooks.runs import RecordAnswer, RecordCall


class Recorder:
    """Writes records below one folder; the client gives the run's history."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._client = client
        self._folder = folder

    @activity.defn(name="record")
    async def record(self, call: RecordCall) -> RecordAnswer:
        """Write the record. A history that cannot be read is left out: the rest is worth keeping."""
        history = await history_of(self._client, call.workflow_id, call.run_id)
        return RecordAnswer(location=str(write(self._folder, call.state, call.text, history)))


async def history_of(client: Client, workflow_id: str, run_id: str) -> str | None:
    """The run's history as JSON, or None when it cannot be read."""
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    try:
        return (await handle.fetch_history()).to_json()
    except RPCError:
        activity.logger.warning("The history of %s could not be read for its record", workflow_id)
        return None
