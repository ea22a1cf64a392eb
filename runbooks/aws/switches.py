"""The kinds of resource: what leads clients to a region on AWS by being on or off there."""

from pydantic import Field

from runbooks.aws.access import AwsSettings, Endpoint
from runbooks.kind import Kind
from runbooks.steps import Verb
from runbooks.values import Model

_CONTROL = r"^arn:aws[a-z-]*:route53-recovery-control::[0-9]{12}:controlpanel/[0-9a-f]+/routingcontrol/[0-9a-f]+$"
_RULE = r"^arn:aws[a-z-]*:route53-recovery-control::[0-9]{12}:controlpanel/[0-9a-f]+/safetyrule/[0-9a-f]+$"
_ARC_CONTROL_PLANE = "us-west-2"


class RoutingControlPlace(Model):
    """One region's switch."""

    control: str = Field(pattern=_CONTROL)
    """The ARN of its routing control."""


class RoutingControlCommon(AwsSettings):
    """The cluster, whose five endpoints are asked in turn: it works as long as three of them do."""

    aws_region: str = Field(default=_ARC_CONTROL_PLANE, pattern=r"^[a-z]{2}(-[a-z0-9]+)+-[0-9]$")
    """Where the control plane is; only the decision's number is kept there, and nothing waits for it."""
    cluster: dict[str, Endpoint] = Field(min_length=1)
    """The cluster's endpoints by region, as `describe-cluster` shows them: write them down before you need them."""
    override: tuple[str, ...] = ()
    """The ARNs of safety rules that are overridden: for a person to decide, with a reason."""


class RoutingControlSettings(RoutingControlCommon, RoutingControlPlace):
    """Routing controls of Amazon Application Recovery Controller: switches in a data plane of five regions."""


class Route53HealthPlace(Model):
    """One region's health check, on which its records depend."""

    health_check: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    inverted: bool = False
    """It is an inverted one in normal times."""


class Route53HealthCommon(AwsSettings):
    """What is the same in all regions."""

    aws_region: str = Field(default="us-east-1", pattern=r"^[a-z]{2}(-[a-z0-9]+)+-[0-9]$")
    """Health checks are judged in many regions; their control plane, which changes them, is in us-east-1."""


class Route53HealthSettings(Route53HealthCommon, Route53HealthPlace):
    """Route 53 health checks as switches: off is a check that is disabled and inverted, which counts as unhealthy."""


class AcceleratorPlace(Model):
    """One region's endpoint group."""

    endpoint_group: str = Field(
        pattern=r"^arn:aws[a-z-]*:globalaccelerator::[0-9]{12}:accelerator/[^/]+/listener/[^/]+/endpoint-group/[^/]+$"
    )
    dial: float = Field(default=100.0, gt=0, le=100)
    """Its traffic dial when it serves, in per cent."""


class AcceleratorCommon(AwsSettings):
    """What is the same in all regions."""

    aws_region: str = Field(default="us-west-2", pattern=r"^[a-z]{2}(-[a-z0-9]+)+-[0-9]$")
    """Global Accelerator's control plane is in us-west-2."""


class AcceleratorSettings(AcceleratorCommon, AcceleratorPlace):
    """Traffic dials of the endpoint groups of AWS Global Accelerator: 0 where nobody is to be led."""


class CloudFrontPlace(Model):
    """One region's origin."""

    origin: str = Field(min_length=1, max_length=128)
    """The id of the origin, or origin group, in the distribution."""


class CloudFrontCommon(AwsSettings):
    """What is the same in all regions."""

    aws_region: str = Field(default="us-east-1", pattern=r"^[a-z]{2}(-[a-z0-9]+)+-[0-9]$")
    """CloudFront's control plane is in us-east-1."""
    distribution: str = Field(pattern=r"^[A-Z0-9]{1,32}$")


class CloudFrontSettings(CloudFrontCommon, CloudFrontPlace):
    """The origin to which the behaviours of a CloudFront distribution lead: one region at a time."""


def _kind(name: str, settings: type[Model], place: type[Model], identity: str, *abilities: str) -> Kind:
    return Kind(
        name,
        frozenset({Verb.DETECT, Verb.CUT_OVER}),
        settings,
        abilities=frozenset(abilities),
        regional=frozenset(place.model_fields),
        identity=(identity,),
        undoes=frozenset({Verb.CUT_OVER}),
    )


KINDS: tuple[Kind, ...] = (
    _kind("cloudfront", CloudFrontSettings, CloudFrontPlace, "origin", "one-region"),
    _kind("global_accelerator", AcceleratorSettings, AcceleratorPlace, "endpoint_group"),
    _kind("route53_health", Route53HealthSettings, Route53HealthPlace, "health_check"),
    _kind("routing_control", RoutingControlSettings, RoutingControlPlace, "control"),
)
