"""`scale.kubernetes`: bring a workload of Kubernetes to its working size, and wait until its replicas are ready."""

from pydantic import JsonValue

from activities.clients.kubernetes import cluster
from activities.clients.kubernetes_workload import Autoscaler, WorkloadView, read_workload, size_workload
from activities.contract import Job
from activities.errors import StepError
from activities.scaling import Scale, Size
from runbooks.kubernetes import KubernetesSettings
from runbooks.steps import ErrorType

_TRIES = 3


class KubernetesSize(KubernetesSettings, Size):
    """The workload, and how many of its replicas must be ready."""


class ScaleKubernetes(Scale[KubernetesSize, WorkloadView]):
    """Sets a workload's scale; one that has a HorizontalPodAutoscaler gets a higher floor there instead.

    The decision is an annotation, and every change a compare-and-set by `resourceVersion`. Pods that find no node, or
    whose image cannot be pulled, end the wait.
    """

    tested_against = "a fake of the Kubernetes API"
    uses = "scale.kubernetes"
    permissions = (
        "RBAC: get, patch of the workload and its scale",
        "RBAC: list, patch of horizontalpodautoscalers",
        "RBAC: list of pods",
        "eks:DescribeCluster (with eks)",
    )
    Settings = KubernetesSize

    async def _see(self, job: Job[KubernetesSize]) -> WorkloadView:
        return await read_workload(await cluster(job), job.settings)

    async def _order(self, job: Job[KubernetesSize], seen: WorkloadView, wanted: int) -> None:
        for tries_left in reversed(range(_TRIES)):
            self._refuse_owned(seen)
            target = self._was(job.call.before) or _sized(seen, wanted, down=job.settings.down)
            try:
                await size_workload(await cluster(job), job.settings, seen, target, job.call.epoch)
            except StepError as error:
                if error.kind is not ErrorType.CONFLICT or not tries_left:
                    raise
            else:
                return
            seen = await self._observe(job)  # whatever has changed it, a newer decision is refused here

    async def _refuse(self, job: Job[KubernetesSize], seen: WorkloadView, needed: int) -> None:
        del job, needed
        self._refuse_owned(seen)

    def _refuse_owned(self, seen: WorkloadView) -> None:
        found = seen.autoscaler
        if found is not None and found.owner:
            sentence = (
                f"The autoscaler {found.name} is written by {found.owner}, which takes back what others change in it: "
                "set the size there."
            )
            raise StepError(ErrorType.WRONG_STATE, sentence, seen.evidence())

    async def _elsewhere(
        self, job: Job[KubernetesSize], upstream: dict[str, JsonValue], *, longest: bool
    ) -> int | None:
        if longest:
            return None  # Kubernetes keeps no history
        there = KubernetesSettings.model_validate(upstream)
        return (await read_workload(await cluster(job, there), there)).replicas

    def _was(self, before: dict[str, JsonValue]) -> WorkloadView | None:
        return WorkloadView.from_evidence(before)

    def _why_stuck(self, seen: WorkloadView) -> str | None:
        if not seen.stuck:
            return None
        return (
            f"{seen.ready} of {seen.replicas} replicas are ready: {'; '.join(seen.stuck)}. Mend that, then say retry."
        )

    def _stuck_as(self, seen: WorkloadView) -> ErrorType:
        return ErrorType.NO_CAPACITY if seen.no_room else ErrorType.WRONG_STATE


def _sized(seen: WorkloadView, wanted: int, *, down: bool) -> WorkloadView:
    """What is to be ordered. An autoscaler stays free to have more than its floor, and never gets one of 0."""
    found = seen.autoscaler
    if found is None:
        return seen.model_copy(update={"replicas": wanted})
    least = max(1, min(found.least, wanted)) if down else max(found.least, wanted)
    bounds = Autoscaler(name=found.name, version=found.version, least=least, most=max(found.most, least))
    replicas = min(seen.replicas, wanted) if down else max(seen.replicas, wanted)
    return seen.model_copy(update={"autoscaler": bounds, "replicas": replicas})
