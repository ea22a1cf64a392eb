"""`scale.vmss`: bring a virtual machine scale set to its working size, with others where Azure has no more for it."""

from collections.abc import Mapping

from pydantic import JsonValue

from activities.azure import OnAzure
from activities.clients import azure_autoscale, azure_metrics, azure_quota
from activities.clients import azure_locks as locks
from activities.clients.azure import azure
from activities.clients.vmss import ScaleSet, ScaleSets, read_scale_sets, resume_sizing, size_scale_set
from activities.contract import Job
from activities.errors import StepError
from activities.family import Member
from activities.laddered import Laddered
from activities.scaling import Size
from runbooks.azure.scaling import VmssSettings
from runbooks.steps import ErrorType


class VmssSize(VmssSettings, Size):
    """The scale set, and how many instances it must have running."""


class ScaleVmss(OnAzure, Laddered[VmssSize, ScaleSets]):
    """Sets a scale set's capacity by one conditional request (ETag), which also notes the decision in its tags.

    An instance is ready when it runs and is healthy by the application health extension or the load balancer's probe of
    its scale set, where it has one. Where Azure has no capacity or quota for it, the scale sets of its ladder give what
    is missing, one after the other.
    """

    uses = "scale.vmss"
    permissions = (
        locks.READS,
        *azure_quota.READS,
        "Microsoft.Compute/locations/operations/read",
        "Microsoft.Compute/virtualMachineScaleSets/instanceView/read",
        "Microsoft.Compute/virtualMachineScaleSets/read",
        "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read",
        "Microsoft.Compute/virtualMachineScaleSets/write",
        "Microsoft.Compute/virtualMachines/read",
        azure_autoscale.READS,
        azure_metrics.READS,
    )
    Settings = VmssSize
    unit = "instances"

    @classmethod
    def scopes(cls, settings: VmssSettings) -> tuple[str, ...]:
        """The scale sets alone."""
        return tuple(settings.scale_set_id(name) for name in settings.names)

    @classmethod
    def needs(cls, settings: VmssSettings) -> tuple[str, ...]:
        """Nothing of it on the scale set itself: a day's maximum is a metric of the autoscale setting."""
        del settings
        return tuple(action for action in cls.permissions if action != azure_metrics.READS)

    @classmethod
    def wider(cls, settings: VmssSettings) -> Mapping[str, tuple[str, ...]]:
        """Quotas are the subscription's; machines of flexible orchestration and autoscale are the group's."""
        counts = settings.match is not None and settings.match.of == "24h-maximum"
        counted = (azure_metrics.READS,) if counts else ()
        group = ("Microsoft.Compute/virtualMachines/read", azure_autoscale.READS, *counted)
        return {f"/subscriptions/{settings.subscription}": azure_quota.READS, settings.group_id: group}

    def _names(self, settings: VmssSize) -> tuple[str, ...]:
        return (settings.scale_set, *(str(rung) for rung in settings.ladder))

    async def _see(self, job: Job[VmssSize]) -> ScaleSets:
        return await read_scale_sets(azure(job), job.settings)

    async def _refuse(self, job: Job[VmssSize], seen: ScaleSets, needed: int) -> None:
        for member in seen.members:
            await locks.refuse_locked(azure(job), job.settings.scale_set_id(member.name))
        await super()._refuse(job, seen, needed)
        found = await self._scaled_in_again(job, needed - seen.desired + seen.members[0].desired)
        if found is not None:
            raise StepError(ErrorType.WRONG_STATE, found, seen.evidence())

    async def _unaffordable(self, job: Job[VmssSize], member: Member, more: int) -> str | None:
        assert isinstance(member, ScaleSet)
        return await azure_quota.too_small(azure(job), member.sizes, more, spot=member.spot)

    async def _grow(self, job: Job[VmssSize], seen: ScaleSets, needed: int) -> str:
        said = await super()._grow(job, seen, needed)
        found = await self._scaled_in_again(job, (await self._see(job)).members[0].desired)
        return said if found is None else f"{said} {found}"

    async def _scaled_in_again(self, job: Job[VmssSize], wanted: int) -> str | None:
        """Only the first one is looked at: nobody lets a machine scale what is empty until it is needed."""
        there = azure(job)
        first = job.settings.scale_set_id(job.settings.scale_set)
        return await azure_autoscale.scaled_in_again(there, job.settings.resource_group, first, wanted)

    async def _size(self, job: Job[VmssSize], member: Member, wanted: int, was: Member | None) -> None:
        del was
        await size_scale_set(azure(job), job.settings, member.name, wanted, job.call.epoch)

    async def _resume_member(self, job: Job[VmssSize], member: Member) -> None:
        await resume_sizing(azure(job), job.settings, member.name)

    async def _elsewhere(self, job: Job[VmssSize], upstream: dict[str, JsonValue], *, longest: bool) -> int | None:
        there = VmssSettings.model_validate(upstream)
        if longest:  # only autoscale keeps how many there were
            first = there.scale_set_id(there.scale_set)
            return await azure_autoscale.most_observed(azure(job, there), there.resource_group, first)
        return (await read_scale_sets(azure(job, there), there)).ready

    def _was(self, before: dict[str, JsonValue]) -> ScaleSets | None:
        return ScaleSets.from_evidence(before)
