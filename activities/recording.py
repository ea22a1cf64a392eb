"""Writing a run's record, as an activity."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError

from activities.sealing import written
from audit.record import write
from runbooks.run_calls import RecordAnswer, RecordCall


@dataclass(frozen=True)
class Archive:
    """Where records are written, the reference of the key that signs them, and who is told of each."""

    folder: Path
    signing_key: str | None = None
    kept: Callable[[], None] = lambda: None


class Recorder:
    """Writes records; the client gives the run's history."""

    def __init__(self, client: Client, archive: Archive) -> None:
        self._client = client
        self._archive = archive

    @activity.defn(name="record")
    async def record(self, call: RecordCall) -> RecordAnswer:
        """Write the record. A history that cannot be read is left out: the rest is worth keeping."""
        history = await history_of(self._client, call.workflow_id, call.run_id)
        path = await written(
            self._archive.signing_key,
            lambda sealing: write(self._archive.folder, call.state, call.text, history, sealing),
        )
        self._archive.kept()
        return RecordAnswer(location=str(path))


async def history_of(client: Client, workflow_id: str, run_id: str) -> str | None:
    """The run's history as JSON, or None when it cannot be read."""
    handle = client.get_workflow_handle(workflow_id, run_id=run_id)
    try:
        return (await handle.fetch_history()).to_json()
    except RPCError:
        activity.logger.warning("The history of %s could not be read for its record", workflow_id)
        return None
