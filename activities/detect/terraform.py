"""`detect.terraform`: how large what Terraform holds is."""

from activities.applying_terraform import LOOKING
from activities.clients.terraform import state_of
from activities.clients.terraform_state import ready_of, size_of
from activities.contract import Job
from activities.observing import Detector, Sight
from runbooks.terraform import TerraformCapacity


class DetectTerraform(Detector[TerraformCapacity]):
    """Reads the outputs of a state, and nothing else: no provider is asked. A state that is there can be scaled."""

    tested_against = "the real terraform"
    uses = "detect.terraform"
    permissions = LOOKING
    Settings = TerraformCapacity

    async def _look(self, job: Job[TerraformCapacity]) -> Sight:
        outputs = await (await state_of(job, self.home)).outputs()
        desired, ready = size_of(job, outputs), ready_of(job, outputs)
        reason = f"{desired} are applied, and {ready} were ready then."
        return Sight(good=True, reason=reason, values={"desired": desired, "ready": ready})
