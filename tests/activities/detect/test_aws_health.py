from typing import Any

from runbooks.steps import Reading
from tests.activities.calls import perform
from tests.aws.world import HERE, THERE, World


async def look(aws: World, **more: Any) -> Reading:
    """What it says of a region."""
    reading = (await perform("detect.aws_health", aws.settings(THERE, **more), within=20.0)).reading
    assert reading is not None
    return reading


async def test_open_issues_of_the_region_and_its_services_count(aws: World) -> None:
    """Not those of another region, or service, nor what is closed or only planned."""
    for event in (
        {"service": "EC2", "region": HERE},
        {"service": "RDS", "region": THERE},
        {"service": "EC2", "region": THERE, "statusCode": "closed"},
        {"service": "EC2", "region": THERE, "eventTypeCategory": "scheduledChange"},
    ):
        aws.tell("health", event=event)
    seen = await look(aws, services=["EC2", "LAMBDA"])
    assert (seen.state, seen.reason) == ("healthy", "AWS Health knows of no open issue of EC2, LAMBDA in eu-west-1.")
    seen = await look(aws)
    assert (seen.state, seen.reason) == (
        "unhealthy",
        "AWS Health has 1 open issues in eu-west-1: RDS AWS_RDS_OPERATIONAL_ISSUE since 2026-11-29 12:03Z.",
    )


async def test_its_second_place_is_asked_when_the_first_is_silent(aws: World) -> None:
    """It is one service for all regions, at us-east-1, and at us-west-2 when that is down."""
    aws.bend("health:DescribeEvents", "refuse", times=3)
    assert (await look(aws)).state == "healthy"
    assert [call["region"] for call in aws.calls()] == ["us-east-1", "us-east-1", "us-east-1", "us-west-2"]


async def test_its_silence_tells_nothing_of_the_region(aws: World) -> None:
    """It is asked at another place: unknown, which neither starts a failover nor is green."""
    aws.bend("health:DescribeEvents", "refuse")
    assert (await look(aws)).state == "unknown"


async def test_without_a_plan_of_support_it_says_what_is_missing(aws: World) -> None:
    """Nobody finds that out by the name of the error."""
    aws.tell("health", unpaid=True)
    seen = await look(aws)
    assert (seen.state, seen.reason) == (
        "unknown",
        "AWS Health answers only accounts with a paid plan of AWS Support: take this check away.",
    )
