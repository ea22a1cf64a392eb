"""`fence.event_sources`: a region's function consumes nothing more."""

from pydantic import JsonValue

from activities.consuming import SwitchOff
from activities.contract import Job
from runbooks.aws.event_sources import EventSourcesSettings
from runbooks.steps import StepResult


class FenceEventSources(SwitchOff[EventSourcesSettings]):
    """Switches its event source mappings off, and waits until Lambda says so. A batch that is under way ends by itself.

    What was off before stays off when it is undone: each mapping keeps which decision has switched it off.
    """

    uses = "fence.event_sources"
    tested_against = "moto + fake (the time that a switch takes)"
    Settings = EventSourcesSettings
    undoable = True

    async def _undo(self, job: Job[EventSourcesSettings], before: dict[str, JsonValue]) -> StepResult:
        del before  # each mapping has kept it
        seen = await self._observe(job)
        ours = {one.uuid for one in seen.mappings if one.stopped == job.call.epoch and one.state != "Enabled"}
        if not ours:
            return self._result(job, seen, seen, "None of them was switched off by this decision.", changed=False)
        after = await self._switched(job, lambda one: one.uuid in ours, on=True)
        return self._result(job, seen, after, f"Its event source mappings: {after.told()}.", changed=True)
