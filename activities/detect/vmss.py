"""`detect.vmss`: how large a virtual machine scale set is."""

from activities.azure import OnAzure
from activities.clients.azure import azure
from activities.clients.vmss import read_scale_sets
from activities.contract import Job
from activities.observing import Detector, Sight
from activities.scale.vmss import ScaleVmss
from runbooks.azure.scaling import VmssSettings


class DetectVmss(OnAzure, Detector[VmssSettings]):
    """A scale set that Azure shows is there to be scaled; its values say how large it is, with those of its ladder."""

    uses = "detect.vmss"
    permissions = (
        "Microsoft.Compute/virtualMachineScaleSets/instanceView/read",
        "Microsoft.Compute/virtualMachineScaleSets/read",
        "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read",
        "Microsoft.Compute/virtualMachines/read",
    )
    Settings = VmssSettings
    scopes = ScaleVmss.scopes

    @classmethod
    def wider(cls, settings: VmssSettings) -> dict[str, tuple[str, ...]]:
        """Machines of flexible orchestration are the group's."""
        return {settings.group_id: ("Microsoft.Compute/virtualMachines/read",)}

    async def _look(self, job: Job[VmssSettings]) -> Sight:
        seen = await read_scale_sets(azure(job), job.settings)
        said = "".join(f" {one.why}" for one in seen.members if one.why)
        reason = f"{seen.ready} of {seen.desired} instances run.{said}"
        return Sight(good=True, reason=reason, values={"desired": seen.desired, "ready": seen.ready})
