"""`detect.terraform_drift`: is what Terraform holds still as it was applied?"""

from activities.applying_terraform import LOOKING
from activities.clients.terraform import initialised
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.terraform import TerraformCapacity


class DetectTerraformDrift(Detector[TerraformCapacity]):
    """Compares the state with the world by a plan that only refreshes: it writes nothing."""

    tested_against = "the real terraform"
    uses = "detect.terraform_drift"
    permissions = (*LOOKING, "whatever reads what the configuration manages")
    Settings = TerraformCapacity

    async def _look(self, job: Job[TerraformCapacity]) -> Sight:
        settings = job.settings
        terraform = await initialised(job, self.home)
        size = (await terraform.outputs()).get(settings.told_by)
        planned = await terraform.plan({} if size is None else {settings.size_variable: size}, refresh_only=True)
        drifted = planned.drift
        reason = f"{len(drifted)} of {settings.named} are not as they were applied: {'; '.join(drifted[:10])}."
        if not drifted:
            reason = f"Everything of {settings.named} is as it was applied."
        return Sight(good=not drifted, reason=reason, values={"drifted": list(drifted)})
