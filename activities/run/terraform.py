"""`run.terraform`: a root module of Terraform, applied as a step of the runbook's own."""

from activities.applying_terraform import PERMISSIONS, Applied, ApplyTerraform


class RunTerraform(ApplyTerraform[Applied]):
    """Plans before the approval, shows what it would change, and applies exactly that."""

    tested_against = "the real terraform"
    uses = "run.terraform"
    permissions = PERMISSIONS
    Settings = Applied
