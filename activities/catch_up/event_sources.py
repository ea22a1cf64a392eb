"""`catch_up.event_sources`: wait until a former consumer has stopped."""

from dataclasses import dataclass

from pydantic import JsonValue

from activities.awaiting import Wait
from activities.aws import OnAws
from activities.clients.aws import aws
from activities.clients.event_sources import LISTS, SEES, MappingsView, arns, read_mappings
from activities.contract import Job
from activities.errors import StepError
from activities.reseed.event_sources import FollowerSettings
from activities.stale import refuse_stale
from runbooks.steps import ErrorType


class CatchUpSettings(FollowerSettings):
    """A function, and the one that it waits for."""

    exact: bool = False


@dataclass(frozen=True)
class Pair:
    """Both functions' mappings, as they are now."""

    standby: MappingsView
    upstream: MappingsView

    def evidence(self) -> dict[str, JsonValue]:
        """What Lambda shows of both."""
        return {"standby": self.standby.evidence(), "upstream": self.upstream.evidence()}


class CatchUpEventSources(OnAws, Wait[CatchUpSettings, Pair]):
    """Waits until the other region's mappings are off. Before they are to be there is nothing to wait for."""

    uses = "catch_up.event_sources"
    tested_against = "moto + fake (the time that a switch takes)"
    permissions = SEES
    unscoped = LISTS
    Settings = CatchUpSettings
    every = 1.0

    @classmethod
    def arns(cls, settings: CatchUpSettings) -> tuple[str, ...]:
        """The region's mappings."""
        return arns(settings)

    async def _observe(self, job: Job[CatchUpSettings]) -> Pair:
        settings, upstream = job.settings, job.settings.upstream
        pair = Pair(await read_mappings(aws(job), settings), await read_mappings(aws(job, upstream), upstream))
        for seen, where in ((pair.standby, settings), (pair.upstream, upstream)):
            refuse_stale(job, seen.newest, f"The function {where.function} in {where.aws_region}")
        if settings.exact and pair.upstream.on:
            sentence = f"The function {upstream.function} in {upstream.aws_region} still consumes. Fence it first."
            raise StepError(ErrorType.WRONG_STATE, sentence, pair.evidence())
        return pair

    def _settled(self, job: Job[CatchUpSettings], seen: Pair) -> str | None:
        upstream = job.settings.upstream
        if not job.settings.exact:
            return "It holds no data: it lacks nothing."
        if not seen.upstream.off:
            return None
        return f"The function {upstream.function} in {upstream.aws_region} has stopped: {seen.upstream.told()}."

    def _told(self, seen: Pair) -> str:
        return seen.upstream.told()

    def _late(self, job: Job[CatchUpSettings], now: Pair) -> str:
        return (
            f"The function {job.settings.upstream.function} has not stopped yet: {now.upstream.told()}. Look at its "
            "event source mappings in Lambda."
        )
