"""`scale.container_app`: have an Azure Container App keep its working number of replicas, and wait until they serve."""

from pydantic import JsonValue

from activities.azure import OnAzure
from activities.clients import azure_locks as locks
from activities.clients.azure import azure
from activities.clients.azure_metrics import highest
from activities.clients.container_app import ContainerAppView, read_app, resume_sizing, size_app
from activities.contract import Job
from activities.scaling import Size
from activities.scaling_turns import Turns
from runbooks.azure.scaling import ContainerAppSettings
from runbooks.steps import ErrorType

_METRICS = "Microsoft.Insights/metrics/read"


class ContainerAppSize(ContainerAppSettings, Size):
    """The app, and how many replicas must serve."""


class ScaleContainerApp(OnAzure, Turns[ContainerAppSize, ContainerAppView]):
    """Sets the least number of replicas (and a smaller maximum), which makes a new revision; waits until that serves.

    A replica is ready when it runs and all its containers are ready. A revision that Azure finds failed or unhealthy
    ends the wait once its change has ended.
    """

    uses = "scale.container_app"
    permissions = (
        locks.READS,
        "Microsoft.App/containerApps/read",
        "Microsoft.App/containerApps/revisions/read",
        "Microsoft.App/containerApps/revisions/replicas/read",
        "Microsoft.App/containerApps/write",
        "Microsoft.App/locations/containerAppOperationStatuses/read",
        _METRICS,
    )
    Settings = ContainerAppSize

    @classmethod
    def scopes(cls, settings: ContainerAppSettings) -> tuple[str, ...]:
        """The app alone."""
        return (settings.app_id,)

    @classmethod
    def needs(cls, settings: ContainerAppSettings) -> tuple[str, ...]:
        """Only who measures by a day's maximum asks Azure Monitor."""
        counts = settings.match is not None and settings.match.of == "24h-maximum"
        return tuple(action for action in cls.permissions if counts or action != _METRICS)

    async def _see(self, job: Job[ContainerAppSize]) -> ContainerAppView:
        return await read_app(azure(job), job.settings)

    async def _refuse(self, job: Job[ContainerAppSize], seen: ContainerAppView, needed: int) -> None:
        del seen, needed
        await locks.refuse_locked(azure(job), job.settings.app_id)

    def _busy(self, seen: ContainerAppView) -> str | None:
        return seen.state if seen.state == "InProgress" else None

    async def _order_now(self, job: Job[ContainerAppSize], seen: ContainerAppView, wanted: int) -> None:
        limits = self._was(job.call.before) or seen  # an undo brings the maximum back, too
        await size_app(azure(job), job.settings, wanted, limits.largest, job.call.epoch)

    async def _resume(self, job: Job[ContainerAppSize], seen: ContainerAppView) -> None:
        del seen
        await resume_sizing(azure(job), job.settings)

    async def _elsewhere(
        self, job: Job[ContainerAppSize], upstream: dict[str, JsonValue], *, longest: bool
    ) -> int | None:
        there = ContainerAppSettings.model_validate(upstream)
        if longest:
            return await highest(azure(job, there), there.app_id, "Replicas")
        return (await read_app(azure(job, there), there)).ready

    def _was(self, before: dict[str, JsonValue]) -> ContainerAppView | None:
        return ContainerAppView.from_evidence(before)

    def _why_stuck(self, seen: ContainerAppView) -> str | None:
        if not seen.trouble or self._busy(seen) is not None:
            return None
        return f"The revision {seen.revision} does not serve ({seen.trouble}): mend that, then say retry."

    def _stuck_as(self, seen: ContainerAppView) -> ErrorType:
        del seen
        return ErrorType.WRONG_STATE
