"""What leads clients by being on or off: Route 53's health checks, Global Accelerator's dials, CloudFront's origins."""

from typing import Any

from tests.activities import switches
from tests.conformance.specimen import OnAws, Settings


class _Checks(OnAws):
    async def stand(self) -> Settings:
        """The one is on, the other is to be."""
        self.settings = switches.checks(self.aws)
        return self.settings

    async def effect(self) -> Any:
        """Both."""
        return switches.check_states(self.aws, self.settings)

    async def absent(self, settings: Settings) -> Settings:
        """A check that is not there."""
        return {**settings, "places": {**settings["places"], self.there: {"health_check": "none"}}}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has turned off everything."""
        name = settings["places"][self.here]["health_check"]
        self.aws.client("route53").update_health_check(HealthCheckId=name, Disabled=True, Inverted=True)
        return settings


class CutOverRoute53Health(_Checks):
    """From one region to the other."""

    uses = "cut_over.route53_health"


class DetectRoute53Health(_Checks):
    """A look at them."""

    uses = "detect.route53_health"


class _Dials(OnAws):
    async def stand(self) -> Settings:
        """The one is open, the other is to be."""
        return switches.dials(self.aws)

    async def effect(self) -> Any:
        """Both."""
        return switches.dial_states(self.aws)

    async def absent(self, settings: Settings) -> Settings:
        """An endpoint group that is not there."""
        gone = {"endpoint_group": f"{switches.ACCELERATOR}/listener/li/endpoint-group/none"}
        return {**settings, "places": {**settings["places"], self.there: gone}}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has shut all."""
        self.aws.tell("globalaccelerator", groups=dict.fromkeys(switches.GROUPS.values(), (self.here, 0.0)))
        return settings


class CutOverGlobalAccelerator(_Dials):
    """From one region to the other."""

    uses = "cut_over.global_accelerator"


class DetectGlobalAccelerator(_Dials):
    """A look at them."""

    uses = "detect.global_accelerator"


class _Distribution(OnAws):
    async def stand(self) -> Settings:
        """It leads to the one origin, and is to lead to the other."""
        self.settings = switches.distribution(self.aws)
        return self.settings

    async def effect(self) -> Any:
        """Where its behaviours lead."""
        return switches.targets(self.aws, self.settings)

    async def absent(self, settings: Settings) -> Settings:
        """Another distribution."""
        return {**settings, "distribution": "ENONE"}

    async def spoil(self, settings: Settings) -> Settings:
        """Somebody has led it to an origin that is none of the runbook's."""
        cloudfront = self.aws.client("cloudfront")
        found = cloudfront.get_distribution_config(Id=settings["distribution"])
        config = found["DistributionConfig"]
        for behaviour in (config["DefaultCacheBehavior"], *config["CacheBehaviors"]["Items"]):
            behaviour["TargetOriginId"] = "pictures"
        cloudfront.update_distribution(Id=settings["distribution"], IfMatch=found["ETag"], DistributionConfig=config)
        return settings


class CutOverCloudFront(_Distribution):
    """From one region to the other."""

    uses = "cut_over.cloudfront"


class DetectCloudFront(_Distribution):
    """A look at it."""

    uses = "detect.cloudfront"
