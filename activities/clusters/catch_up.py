"""Wait until a secondary cluster has what its primary has, by CloudWatch's lag.

`exact` is left to AWS in a managed move: its switchover itself waits until nothing is missing, and promotes nothing
before. Unmanaged, it waits for a value that tells of a moment after the fence.
"""

from typing import ClassVar

from activities.aws import OnAws
from activities.catching_up import CatchUp
from activities.clients.global_cluster import Family
from activities.clusters.detect import METERS
from activities.clusters.fence import LOOKS, cluster_arns
from activities.clusters.pair import CatchUpSettings, Gap, read_gap
from activities.contract import Job
from activities.errors import StepError
from runbooks.steps import ErrorType


class CatchUpCluster(OnAws, CatchUp[CatchUpSettings, Gap]):
    """Changes nothing: it waits, and is `not-yet` with numbers when the time is over."""

    family: ClassVar[Family]
    permissions = (*LOOKS, *METERS)
    unscoped = frozenset(METERS)
    Settings = CatchUpSettings
    every: ClassVar[float] = 2.0

    @classmethod
    def arns(cls, settings: CatchUpSettings) -> tuple[str, ...]:
        """Both clusters."""
        return tuple(dict.fromkeys((*cluster_arns(settings), *cluster_arns(settings.upstream))))

    async def _observe(self, job: Job[CatchUpSettings]) -> Gap:
        settings = job.settings
        seen = await read_gap(job, settings.upstream, self.family)
        why_not = seen.why_apart
        if why_not is None and settings.exact and not seen.fenced:
            why_not = f"{seen.primary.name} is not fenced, and may write on: fence it first."
        if why_not is not None:
            raise StepError(ErrorType.WRONG_STATE, why_not, seen.evidence())
        return seen

    def _settled(self, job: Job[CatchUpSettings], seen: Gap) -> str | None:
        settings, name = job.settings, seen.secondary.name
        if settings.exact and settings.unmanaged:
            return f"{name} has everything from before the fence." if seen.has_everything else None
        near = seen.lag.seconds is not None and seen.lag.seconds <= settings.near
        if not near or not seen.secondary.synchronized:
            return None
        if settings.exact:
            return f"{name} is {seen.lag.said}, and nobody writes: AWS's switchover waits for the rest."
        return f"{name} is {seen.lag.said}, which is near enough."
