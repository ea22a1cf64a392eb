"""Settings of what runs on EC2: Auto Scaling groups with their ladder, and single instances."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from runbooks.aws.access import AwsSettings
from runbooks.ladder import Ladder
from runbooks.ladder import Rung as AnyRung
from runbooks.matching import Matching

InstanceType = Annotated[str, Field(pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$")]
Reservation = Annotated[str, Field(pattern=r"^cr-[0-9a-f]+$")]
Subnet = Annotated[str, Field(pattern=r"^subnet-[0-9a-f]+$")]
Zone = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z0-9]+)+-[0-9][a-z]$")]
TargetGroup = Annotated[
    str, Field(pattern=r"^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:targetgroup/.+$")
]


Instance = Annotated[str, Field(pattern=r"^i-[0-9a-f]+$")]


class Rung(AnyRung):
    """Where else instances may come from when AWS has no more of those that a group asks for."""

    instance_types: tuple[InstanceType, ...] = ()
    """The first one that is to be had; none: those of the group."""
    zones: tuple[Zone, ...] = ()
    """More availability zones, beside the group's own: instances that serve are never moved out of theirs."""
    subnets: tuple[Subnet, ...] = ()
    """The same by subnet, where a zone has several that would do."""
    reservations: tuple[Reservation, ...] = ()
    """Capacity reservations, or capacity blocks: only what they hold."""
    version: str | None = Field(default=None, pattern=r"^([0-9]+|\$Latest|\$Default)$")
    """The version of the group's launch template; a capacity block needs one that says so."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.market == "spot" and self.reservations:
            message = "spot instances are never launched into a capacity reservation: take one of the two away"
            raise ValueError(message)
        if self.market == "capacity-block" and not (self.version and self.reservations):
            message = (
                "a capacity block needs its reservation, and the `version` of a launch template that is made for it"
            )
            raise ValueError(message)
        if not any((self.instance_types, self.zones, self.subnets, self.reservations, self.version)) and (
            self.market == "on-demand"
        ):
            message = "this rung is the group as it is: say what it has different"
            raise ValueError(message)
        return self

    def __str__(self) -> str:
        """In words, for operators."""
        what = ", ".join(self.instance_types) or "the group's own types"
        more = [*self.reservations, *self.zones, *self.subnets, *([f"version {self.version}"] if self.version else [])]
        return f"{self.market} {what}{' in ' + ', '.join(more) if more else ''}"


class AutoscalingSettings(AwsSettings, Matching):
    """An EC2 Auto Scaling group in one region."""

    group: str = Field(min_length=1, max_length=255)
    target_groups: tuple[TargetGroup, ...] = ()
    """An instance is ready when it is in service and healthy in each of them; none: in service is enough."""
    ladder: Ladder[Rung] = ()
    """What is tried, in this order, when AWS has not enough for the group as it is: spot last."""


class Ec2Settings(AwsSettings, Matching):
    """Single EC2 instances in one region, which are started and stopped: `replicas` is how many of them run."""

    instances: tuple[Instance, ...] = ()
    """Their ids, in the order in which they are started."""
    tags: dict[str, str] = {}
    """Or every instance that has all these tags."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.instances) == bool(self.tags):
            message = "say which instances: by `instances` or by `tags`, and not by both"
            raise ValueError(message)
        return self
