"""What a runbook says of a deployment of Azure Resource Manager: standby capacity, and steps of its own."""

from typing import Literal

from pydantic import Field, JsonValue

from runbooks.azure.access import AzureSettings
from runbooks.kind import Kind
from runbooks.steps import Verb
from runbooks.values import Model, SecretRef

_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"


class DeploymentSettings(AzureSettings):
    """A template, what it is given, and the deployment of the resource group that it is made as."""

    deployment: str = Field(pattern=r"^[\w.()-]{1,64}$")
    """Its name: always the same, so that what was deployed last can be told."""
    template: str = Field(min_length=1)
    """A file on the worker's machine: a template in JSON, such as `bicep build` writes."""
    parameters: dict[str, JsonValue] = {}
    """Their values."""
    secret_parameters: dict[str, SecretRef] = {}
    """Those that are secrets; the template calls them `securestring`."""
    mode: Literal["incremental", "complete"] = "incremental"
    """Complete: what is in the group and not in the template is deleted, if `allow_delete`."""
    allow_delete: bool = False
    """It may delete; without it a template that would do so is refused, naming what."""
    actions: tuple[str, ...] = ()
    """The permissions that its resources need, for `evac permissions azure`: Evac does not know them."""

    @property
    def named(self) -> str:
        """What is applied, in words."""
        return f"{self.resource_group}/{self.deployment}"


class DeploymentCapacity(DeploymentSettings):
    """Capacity whose size is a parameter of a template."""

    size_parameter: str = Field(default="standbySize", pattern=_NAME)
    size_output: str | None = Field(default=None, pattern=_NAME)
    """The output that tells the deployed size; None: it is called like the parameter."""

    @property
    def told_by(self) -> str:
        """The output that tells the size."""
        return self.size_output or self.size_parameter


KINDS: tuple[Kind, ...] = (
    Kind(
        "azure_deployment",
        frozenset({Verb.DETECT, Verb.SCALE}),
        DeploymentCapacity,
        identity=("subscription", "resource_group", "deployment"),
        # Not undone: an abort would apply changes that nobody has been shown.
    ),
)

STEPS: dict[str, type[Model]] = {"run.azure_deployment": DeploymentSettings}

PREVIEWED = frozenset({"scale.azure_deployment", "run.azure_deployment"})
"""What these would change is found before the approval, and is a part of the plan that is approved."""
