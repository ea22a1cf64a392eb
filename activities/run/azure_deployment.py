"""`run.azure_deployment`: a template of Azure Resource Manager, deployed as a step of the runbook's own."""

from activities.applying_deployment import ApplyDeployment, DeploymentApplied


class RunAzureDeployment(ApplyDeployment[DeploymentApplied]):
    """Asks what it would change before the approval, shows it, and deploys exactly that."""

    uses = "run.azure_deployment"
    Settings = DeploymentApplied
