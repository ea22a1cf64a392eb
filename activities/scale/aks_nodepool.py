"""`scale.aks_nodepool`: bring an agent pool of AKS to its working size, with others where Azure has no more for it."""

from collections.abc import Mapping

from pydantic import JsonValue

from activities.azure import OnAzure
from activities.clients import azure_locks as locks
from activities.clients import azure_quota
from activities.clients.aks import AgentPool, AgentPools, read_pools, refuse_stopped, resume_sizing, size_pool
from activities.clients.azure import azure
from activities.contract import Job
from activities.family import Member
from activities.laddered import Laddered
from activities.scaling import Size
from runbooks.azure.scaling import AksNodepoolSettings


class AksNodepoolSize(AksNodepoolSettings, Size):
    """The pool, and how many nodes it must have."""


class ScaleAksNodepool(OnAzure, Laddered[AksNodepoolSize, AgentPools]):
    """Sets an agent pool's count, or what its autoscaler keeps at least, by one conditional request (ETag).

    A stopped pool is started. A node counts when AKS lists its machine and the pool's change has ended, for which AKS
    waits until it has joined. Where Azure has no more, the pools of its ladder give what is missing.
    """

    uses = "scale.aks_nodepool"
    permissions = (
        locks.READS,
        *azure_quota.READS,
        "Microsoft.ContainerService/locations/operations/read",
        "Microsoft.ContainerService/managedClusters/agentPools/machines/read",
        "Microsoft.ContainerService/managedClusters/agentPools/read",
        "Microsoft.ContainerService/managedClusters/agentPools/write",
        "Microsoft.ContainerService/managedClusters/read",
    )
    Settings = AksNodepoolSize
    unit = "nodes"

    @classmethod
    def scopes(cls, settings: AksNodepoolSettings) -> tuple[str, ...]:
        """The cluster alone."""
        return (settings.cluster_id,)

    @classmethod
    def wider(cls, settings: AksNodepoolSettings) -> Mapping[str, tuple[str, ...]]:
        """Quotas are the subscription's."""
        return {f"/subscriptions/{settings.subscription}": azure_quota.READS}

    def _names(self, settings: AksNodepoolSize) -> tuple[str, ...]:
        return (settings.pool, *(str(rung) for rung in settings.ladder))

    async def _see(self, job: Job[AksNodepoolSize]) -> AgentPools:
        return await read_pools(azure(job), job.settings)

    async def _refuse(self, job: Job[AksNodepoolSize], seen: AgentPools, needed: int) -> None:
        for member in seen.members:
            await locks.refuse_locked(azure(job), job.settings.pool_id(member.name))
        await refuse_stopped(azure(job), job.settings)
        await super()._refuse(job, seen, needed)

    async def _unaffordable(self, job: Job[AksNodepoolSize], member: Member, more: int) -> str | None:
        assert isinstance(member, AgentPool)
        return await azure_quota.too_small(azure(job), (member.size,), more, spot=member.spot)

    async def _size(self, job: Job[AksNodepoolSize], member: Member, wanted: int, was: Member | None) -> None:
        assert was is None or isinstance(was, AgentPool)
        await size_pool(azure(job), job.settings, member.name, wanted, was, job.call.epoch)

    async def _resume_member(self, job: Job[AksNodepoolSize], member: Member) -> None:
        await resume_sizing(azure(job), job.settings, member.name)

    async def _elsewhere(
        self, job: Job[AksNodepoolSize], upstream: dict[str, JsonValue], *, longest: bool
    ) -> int | None:
        if longest:
            return None  # what has counted nodes depends on what the cluster's owner has switched on
        there = AksNodepoolSettings.model_validate(upstream)
        return (await read_pools(azure(job, there), there)).ready

    def _was(self, before: dict[str, JsonValue]) -> AgentPools | None:
        return AgentPools.from_evidence(before)
