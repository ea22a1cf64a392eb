"""Routing controls of Application Recovery Controller, on a fake (tests/aws/fakes/routing_control.py)."""

from typing import Any

from tests.activities.routing_controls import CONTROLS, controls, states
from tests.conformance.specimen import OnAws, Settings


class _Controls(OnAws):
    async def stand(self) -> Settings:
        """The one is on, the other is to be."""
        return controls(self.aws)

    async def effect(self) -> Any:
        """Both states."""
        return states(self.aws)

    async def absent(self, settings: Settings) -> Settings:
        """A control that is not there."""
        places = {**settings["places"], self.there: {"control": f"{CONTROLS[self.there]}9"}}
        return {**settings, "places": places}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has turned off everything."""
        self.aws.tell("route53-recovery-cluster", controls=dict.fromkeys(CONTROLS.values(), "Off"))
        return settings


class CutOverRoutingControl(_Controls):
    """From one region to the other."""

    uses = "cut_over.routing_control"


class DetectRoutingControl(_Controls):
    """A look at them."""

    uses = "detect.routing_control"
