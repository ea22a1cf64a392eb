"""A run's live message: what the workflow `announce` asks of the activity of that name, and what becomes of it."""

from pydantic import JsonValue

from runbooks.values import Model


class AnnounceCall(Model):
    """Keep a live message of one run until the run has ended."""

    runbook: str
    workflow_id: str
    run: str
    """The run id of that one execution: what it goes on as has a message of its own."""
    uses: str
    """The notice's technology, such as `notify.slack`."""
    settings: dict[str, JsonValue] = {}


class Announced(Model):
    """Where the message is, and why people could not be told, or not any more (empty: they were)."""

    place: str = ""
    sentence: str = ""
