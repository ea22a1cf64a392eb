"""`scale.azure_deployment`: capacity whose size is a parameter of a template of Azure Resource Manager."""

from collections.abc import Mapping

from pydantic import JsonValue

from activities.applying_deployment import ApplyDeployment, Deploying, DeploymentApplied
from activities.clients.azure_deployment import Deployed, Template
from activities.contract import Job
from activities.errors import StepError
from activities.scaling import Size
from runbooks.azure.deployments import DeploymentCapacity
from runbooks.steps import ErrorType


class DeploymentSize(DeploymentCapacity, DeploymentApplied, Size):
    """The capacity, how large it must be, and what of that was approved."""


class ScaleAzureDeployment(ApplyDeployment[DeploymentSize]):
    """Asks what a deployment of the size that is needed would change, and deploys exactly what was approved.

    What is deployed serves, as far as Azure tells: its end is that of all its resources.
    """

    uses = "scale.azure_deployment"
    Settings = DeploymentSize

    def _parameters(self, job: Job[DeploymentSize], deployed: Deployed) -> Mapping[str, JsonValue]:
        """Never fewer than there are, unless traffic has left."""
        wanted, there = job.settings.replicas, size_of(job.settings, deployed)
        return {job.settings.size_parameter: min(wanted, there) if job.settings.down else max(wanted, there)}

    def _judge(self, job: Job[DeploymentSize], template: Template) -> None:
        settings, document = job.settings, template.document
        for kind, name, setting in (
            ("parameter", settings.size_parameter, "size_parameter"),
            ("output", settings.told_by, "size_output"),
        ):
            if name not in (document.get(f"{kind}s") or {}):
                raise StepError(
                    ErrorType.BAD_SETTINGS,
                    f"The template {settings.template} has no {kind} {name}, by which it is sized: add it, or name "
                    f"another as `{setting}`.",
                )

    def _settled(self, job: Job[DeploymentSize], seen: Deploying) -> str | None:
        if seen.changes.changes:
            return None
        return f"Nothing is to be changed: {size_of(job.settings, seen.deployed)} are deployed."


def size_of(settings: DeploymentCapacity, deployed: Deployed) -> int:
    """The size that was deployed last; 0 when nothing ever was. Raises StepError."""
    value = deployed.outputs.get(settings.told_by)
    if value is None:
        return 0
    if isinstance(value, int | float) or (isinstance(value, str) and value.isdecimal()):
        return int(value)
    sentence = f"The output {settings.told_by} of {settings.named} is no number: name one that tells a size."
    raise StepError(ErrorType.BAD_SETTINGS, sentence)
