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


KINDS: tuple[Kind, ...] = (
    Kind(
        "routing_control",
        frozenset({Verb.DETECT, Verb.CUT_OVER}),
        RoutingControlSettings,
        regional=frozenset(RoutingControlPlace.model_fields),
        identity=("control",),
        undoes=frozenset({Verb.CUT_OVER}),
    ),
)
