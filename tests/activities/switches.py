"""Health checks, dials and origins for tests: made and read by boto3, the active region's on and the standby's off."""

from typing import Any

from tests.activities.calls import ACTIVE, STANDBY
from tests.aws.world import World

GROUPS = {
    region: f"arn:aws:globalaccelerator::123456789012:accelerator/acc/listener/li/endpoint-group/{word}"
    for region, word in ((ACTIVE, "one"), (STANDBY, "two"))
}
ACCELERATOR = "arn:aws:globalaccelerator::123456789012:accelerator/acc"


def planned(aws: World, **more: Any) -> dict[str, Any]:
    """From the active region to the standby."""
    return {"endpoint": aws.url, "weights": {ACTIVE: 0, STANDBY: 100}, "before": [ACTIVE], **more}


def checks(aws: World, **more: Any) -> dict[str, Any]:
    """Two health checks."""
    route53, names = aws.client("route53"), {}
    for region, off in ((ACTIVE, False), (STANDBY, True)):
        config = {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 443, "Disabled": off, "Inverted": off}
        made = route53.create_health_check(CallerReference=region, HealthCheckConfig=config)
        names[region] = made["HealthCheck"]["Id"]
    return planned(aws, places={region: {"health_check": name} for region, name in names.items()}, **more)


def check_states(aws: World, settings: dict[str, Any]) -> list[tuple[bool, bool]]:
    """Disabled and inverted, of each."""
    found = [
        aws.client("route53").get_health_check(HealthCheckId=place["health_check"])["HealthCheck"]["HealthCheckConfig"]
        for place in settings["places"].values()
    ]
    return [(config.get("Disabled", False), config.get("Inverted", False)) for config in found]


def dials(aws: World, **more: Any) -> dict[str, Any]:
    """Two endpoint groups."""
    aws.tell("globalaccelerator", groups={GROUPS[ACTIVE]: (ACTIVE, 80.0), GROUPS[STANDBY]: (STANDBY, 0.0)})
    return planned(aws, places={region: {"endpoint_group": arn} for region, arn in GROUPS.items()}, **more)


def dial_states(aws: World) -> list[float]:
    """Of each."""
    client = aws.client("globalaccelerator", "us-west-2")
    return [
        client.describe_endpoint_group(EndpointGroupArn=arn)["EndpointGroup"]["TrafficDialPercentage"]
        for arn in GROUPS.values()
    ]


def distribution(aws: World, **more: Any) -> dict[str, Any]:
    """A distribution with an origin in each region, and one more; it has a behaviour of its own for pictures."""
    origins = [
        {"Id": name, "DomainName": f"{name}.example.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
        for name in ("one", "two", "pictures")
    ]
    behaviour = {"TargetOriginId": "one", "ViewerProtocolPolicy": "https-only"}
    others = [
        {"PathPattern": "/api/*", **behaviour},
        {"PathPattern": "*.png", **behaviour, "TargetOriginId": "pictures"},
    ]
    made = aws.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": "it",
            "Comment": "kept as it is",
            "Enabled": True,
            "Origins": {"Quantity": 3, "Items": origins},
            "DefaultCacheBehavior": behaviour,
            "CacheBehaviors": {"Quantity": 2, "Items": others},
        }
    )
    places = {ACTIVE: {"origin": "one"}, STANDBY: {"origin": "two"}}
    return planned(aws, distribution=made["Distribution"]["Id"], places=places, **more)


def targets(aws: World, settings: dict[str, Any]) -> list[str]:
    """Where its behaviours lead."""
    found = aws.client("cloudfront").get_distribution_config(Id=settings["distribution"])["DistributionConfig"]
    return [each["TargetOriginId"] for each in (found["DefaultCacheBehavior"], *found["CacheBehaviors"]["Items"])]
