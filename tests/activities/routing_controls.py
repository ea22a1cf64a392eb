"""Routing controls for tests: two regions, one control panel, a cluster of five endpoints."""

from typing import Any

from tests.activities.calls import ACTIVE, STANDBY
from tests.aws.fakes.routing_control import ENDPOINTS
from tests.aws.world import World

PANEL = "arn:aws:route53-recovery-control::123456789012:controlpanel/abc123"
CONTROLS = {ACTIVE: f"{PANEL}/routingcontrol/a1", STANDBY: f"{PANEL}/routingcontrol/b2"}
RULE = f"{PANEL}/safetyrule/c3"


def controls(aws: World, **more: Any) -> dict[str, Any]:
    """The active region's is on; the settings of a plan that turns on the other one instead."""
    aws.tell("route53-recovery-cluster", controls={CONTROLS[ACTIVE]: "On", CONTROLS[STANDBY]: "Off"})
    return {
        "endpoint": aws.url,
        "cluster": dict.fromkeys(ENDPOINTS, aws.url),
        "places": {region: {"control": control} for region, control in CONTROLS.items()},
        "weights": {ACTIVE: 0, STANDBY: 100},
        "before": [ACTIVE],
        **more,
    }


def states(aws: World) -> list[str]:
    """Of both, by boto3."""
    cluster = aws.client("route53-recovery-cluster", "us-west-2")
    return [
        cluster.get_routing_control_state(RoutingControlArn=control)["RoutingControlState"]
        for control in CONTROLS.values()
    ]
