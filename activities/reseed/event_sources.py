"""`reseed.event_sources`: a region's function is a standby of another one: it consumes nothing."""

from activities.clients.aws import aws
from activities.clients.event_sources import MappingsView, read_mappings
from activities.consuming import SwitchOff
from activities.contract import Job
from activities.errors import StepError
from runbooks.aws.event_sources import EventSourcesSettings
from runbooks.steps import ErrorType


class FollowerSettings(EventSourcesSettings):
    """A function, and the one that consumes in its place."""

    upstream: EventSourcesSettings


class ReseedEventSources(SwitchOff[FollowerSettings]):
    """Switches the event source mappings of a former consumer off. There is nothing to copy."""

    uses = "reseed.event_sources"
    tested_against = "moto + fake (the time that a switch takes)"
    Settings = FollowerSettings

    async def _observe(self, job: Job[FollowerSettings]) -> MappingsView:
        seen, upstream = await super()._observe(job), job.settings.upstream
        if not (await read_mappings(aws(job, upstream), upstream)).consumes:
            sentence = (
                f"The function {upstream.function} in {upstream.aws_region} consumes nothing itself: "
                "switched off here, too, nobody would."
            )
            raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
        return seen
