"""Checks that ask Azure itself, and the settings that each becomes once its texts are filled in.

`{region}` and the region's own `vars` may stand in every text: subscriptions, groups, names of resources.
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from runbooks.azure.access import AzureSettings
from runbooks.check_base import CheckBase, Use
from runbooks.values import Model, Seconds

Target = Annotated[str, Field(pattern=r"^[A-Za-z]+(\.[A-Za-z]+)+(/[A-Za-z]+/[^/\s]+)+$")]
"""A resource in the group, such as `Microsoft.Compute/virtualMachineScaleSets/llm`."""


class AzureLook(AzureSettings):
    """Where a check asks Azure, and how long all of it may take."""

    timeout: Seconds = Field(default=10.0, gt=0)


class ResourceHealthSettings(AzureLook):
    """Resources of the group, and how old Azure's word on them may be."""

    targets: tuple[Target, ...] = Field(min_length=1, max_length=20)
    max_age: Seconds = Field(default=1800.0, gt=0)

    @property
    def ids(self) -> tuple[str, ...]:
        """As ARM knows them."""
        return tuple(f"{self.group_id}/providers/{target}" for target in self.targets)


class ServiceHealthSettings(AzureLook):
    """What Azure tells of its region: of these services, or of all."""

    resource_group: str = ""
    """None is asked."""
    services: tuple[str, ...] = Field(default=(), max_length=20)


Aggregation = Literal["Average", "Maximum", "Minimum", "Total", "Count"]


class MonitorSettings(AzureLook):
    """A metric of a resource of the group, and its bounds."""

    target: Target
    metric: str = Field(min_length=1, max_length=260, pattern=r"^[^,]+$")
    aggregation: Aggregation = "Average"
    at_most: float | None = None
    at_least: float | None = None
    max_age: Seconds = Field(default=300.0, ge=120)

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.at_most is None and self.at_least is None:
            message = "give `at_most`, `at_least`, or both"
            raise ValueError(message)
        return self

    @property
    def target_id(self) -> str:
        """As ARM knows it."""
        return f"{self.group_id}/providers/{self.target}"

    def out_of_bounds(self, value: float) -> str | None:
        """In words; None: it is within them."""
        if self.at_most is not None and value > self.at_most:
            return f"more than {self.at_most:g}"
        if self.at_least is not None and value < self.at_least:
            return f"less than {self.at_least:g}"
        return None


class AzureCheck(CheckBase):
    """What every check that asks Azure has besides."""

    asks: ClassVar[type[Model]] = AzureLook
    """What it becomes."""
    timeout: Seconds = 10.0
    subscription: str
    azure_region: str = "{region}"
    """Azure's name of the region; as a rule that is what the runbook calls it."""
    identity: str | None = None
    """The client id of the user-assigned managed identity to ask as."""
    endpoint: str | None = None
    """Where Azure Resource Manager is asked, in place of its public address."""
    use: tuple[Use, ...] = ("detect",)


class MonitorCheck(AzureCheck):
    """The newest minute of a metric must be within its bounds, and new enough (`detect` only)."""

    asks = MonitorSettings
    kind: Literal["azure_monitor"]
    resource_group: str
    target: str
    """The resource, such as `Microsoft.Network/loadBalancers/llm`."""
    metric: str
    """As Azure Monitor calls it, such as `DipAvailability`."""
    aggregation: Aggregation = "Average"
    at_most: float | None = None
    at_least: float | None = None
    max_age: Seconds = Field(default=300.0, ge=120)
    """So old may it be; metrics come up to three minutes late."""


class ResourceHealthCheck(AzureCheck):
    """Azure must hold each of these resources for available, and have looked lately (`detect` only)."""

    asks = ResourceHealthSettings
    kind: Literal["azure_resource_health"]
    resource_group: str
    targets: tuple[str, ...] = Field(min_length=1, max_length=20)
    """Such as `Microsoft.Compute/virtualMachineScaleSets/llm`."""
    max_age: Seconds = Field(default=1800.0, gt=0)
    """So old may Azure's word be; an older one tells nothing."""


class ServiceHealthCheck(AzureCheck):
    """Azure itself must know of no active service issue in the region (`detect` only)."""

    asks = ServiceHealthSettings
    kind: Literal["azure_service_health"]
    services: tuple[str, ...] = Field(default=(), max_length=20)
    """As Azure Service Health calls them (Virtual Machines, SQL Database, ...); none: all of them."""
