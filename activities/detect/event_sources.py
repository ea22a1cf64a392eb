"""`detect.event_sources`: whether a region's function consumes, and whether Lambda has trouble with it."""

import time

from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.event_sources import LISTS, SEES, arns, read_mappings
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.aws.event_sources import EventSourcesSettings
from runbooks.facts import DataValues


class DetectEventSources(OnAws, Detector[EventSourcesSettings]):
    """Mappings that Lambda has no problem with are healthy. Where any is not off, it is consumed."""

    uses = "detect.event_sources"
    tested_against = "moto + fake (the time that a switch takes)"
    permissions = SEES
    unscoped = LISTS
    Settings = EventSourcesSettings

    @classmethod
    def arns(cls, settings: EventSourcesSettings) -> tuple[str, ...]:
        """The region's mappings."""
        return arns(settings)

    async def _look(self, job: Job[EventSourcesSettings]) -> Sight:
        seen = await read_mappings(aws(job), job.settings)
        if seen.off:  # it holds nothing, so it lacks nothing
            standby = {"streaming": True, "lag_bytes": 0, "lag_seconds": 0.0, "last_commit_at": time.time()}
            values = DataValues(role="standby", read_only=True, epoch=seen.newest).model_copy(update=standby)
        else:
            values = DataValues(role="primary", epoch=seen.newest)
        known = values.model_dump(mode="json")
        trouble = next((one for one in seen.mappings if one.state == "Enabled" and one.result[:7] == "PROBLEM"), None)
        if trouble is not None:
            return Sight(good=False, reason=f"{trouble.source}: {trouble.result.rstrip('.')}.", values=known)
        return Sight(good=True, reason=f"Its event source mappings: {seen.told()}.", values=known)
