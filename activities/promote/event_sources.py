"""`promote.event_sources`: a region's function consumes."""

from activities.clients.aws import aws
from activities.clients.event_sources import MappingsView, read_mappings
from activities.consuming import SwitchOn
from activities.contract import Job
from activities.errors import StepError
from runbooks.aws.event_sources import EventSourcesSettings
from runbooks.steps import ErrorType


class PromoteSettings(EventSourcesSettings):
    """The function, and in a planned procedure the one that has consumed so far."""

    upstream: EventSourcesSettings | None = None


class PromoteEventSources(SwitchOn[PromoteSettings]):
    """Switches its event source mappings on, and waits until Lambda says so."""

    uses = "promote.event_sources"
    tested_against = "moto + fake (the time that a switch takes)"
    Settings = PromoteSettings

    async def _act(self, job: Job[PromoteSettings], seen: MappingsView) -> str:
        upstream = job.settings.upstream
        former = None if upstream is None else await read_mappings(aws(job, upstream), upstream)
        if upstream is not None and former is not None and not former.off:
            sentence = (
                f"The function {upstream.function} in {upstream.aws_region} still consumes ({former.told()}): switched "
                "on here, too, it would be worked off twice. Fence it first."
            )
            raise StepError(ErrorType.WRONG_STATE, sentence, former.evidence())
        return await super()._act(job, seen)
