"""`detect.azure_redis`: the role of a geo-replicated cache, and how far a secondary is behind."""

from typing import Any

from activities.clients import azure_metrics
from activities.clients.azure import azure
from activities.clients.azure_lag import unless_silent
from activities.clients.azure_redis import LOOKS, AzureRedisPlace, Cache, cache_lag
from activities.contract import Job
from activities.errors import StepError
from activities.handing.detect import HandDetect
from runbooks.azure.databases import AzureRedisSettings
from runbooks.steps import ErrorType


class DetectAzureRedis(AzureRedisPlace, HandDetect[AzureRedisSettings]):
    """Which role a cache has by its link; one that is linked to nothing takes writes. Azure Monitor tells the lag."""

    uses = "detect.azure_redis"
    permissions = (*LOOKS, azure_metrics.READS)
    Settings = AzureRedisSettings

    async def _see(self, job: Job[Any], settings: AzureRedisSettings) -> Cache:
        seen = await super()._see(job, settings)
        if seen.broken:
            raise StepError(ErrorType.WRONG_STATE, f"{seen.name} is {seen.status}.", seen.evidence())
        if seen.role != "standby":
            return seen
        return seen.model_copy(update={"lag": await unless_silent(cache_lag(azure(job, settings), seen))})
