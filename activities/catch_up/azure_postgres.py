"""`catch_up.azure_postgres`: wait until a replica has what its primary has, by Azure Monitor's metrics.

A replica's lag in seconds is the age of its newest transaction, which grows behind a fence. So `exact` also takes a
minute after the fence in which the primary had nothing left to send to any of its replicas.
https://learn.microsoft.com/azure/postgresql/read-replica/concepts-read-replicas (monitor replication)
"""

from typing import ClassVar

from activities.azure import OnAzure
from activities.catching_up import CatchUp
from activities.clients import azure_metrics
from activities.clients.azure_postgres import LOOKS
from activities.clients.azure_postgres_pair import CatchUpSettings, Gap, read_gap
from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType


class CatchUpAzurePostgres(OnAzure, CatchUp[CatchUpSettings, Gap]):
    """Changes nothing: it waits, and is `not-yet` with numbers when the time is over."""

    uses = "catch_up.azure_postgres"
    permissions = (*LOOKS, azure_metrics.READS)
    Settings = CatchUpSettings
    every: ClassVar[float] = 2.0

    @classmethod
    def scopes(cls, settings: CatchUpSettings) -> tuple[str, ...]:
        """Both servers."""
        return (settings.server_id, settings.upstream.server_id)

    async def _observe(self, job: Job[CatchUpSettings]) -> Gap:
        seen = await read_gap(job)
        if seen.why_apart:
            raise StepError(ErrorType.WRONG_STATE, seen.why_apart, seen.evidence())
        if job.settings.exact and not seen.primary.fenced:
            sentence = f"{seen.primary.name} is not fenced, and may write on: fence it first."
            raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())
        return seen

    def _settled(self, job: Job[CatchUpSettings], seen: Gap) -> str | None:
        if job.settings.exact:
            return f"{seen.name} has everything from before the fence." if seen.has_everything else None
        near = seen.lag.seconds is not None and seen.lag.seconds <= job.settings.near
        return f"{seen.name} is {seen.lag.said}, which is near enough." if near else None
