"""Where the control planes of AWS's global services live: what changes them is asked there, wherever it has an effect.

https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/global-services.html
"""

from typing import NamedTuple


class Plane(NamedTuple):
    """One control plane."""

    service: str
    region: str
    instead: str
    """What to do without it."""


_SWITCH = "kind routing_control flips switches in five regions without it"
PLANES = {
    "cloudfront": Plane("CloudFront", "us-east-1", "an origin group of CloudFront fails over by itself"),
    "global_accelerator": Plane(
        "Global Accelerator", "us-west-2", "its own health checks leave a dead region by themselves"
    ),
    "route53": Plane("Route 53", "us-east-1", _SWITCH),
    "route53_health": Plane("Route 53", "us-east-1", _SWITCH),
}
"""By kind of resource. ARC's routing controls need none to be flipped."""

STS_GLOBAL = "sts.amazonaws.com"
STS_HOME = "us-east-1"
