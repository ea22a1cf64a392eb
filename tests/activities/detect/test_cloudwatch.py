import pytest

from tests.activities.calls import perform
from tests.aws.world import THERE, World
from tests.conformance.specimens.aws_checks import stand_alarm


@pytest.mark.parametrize(
    ("second", "state", "words"),
    [
        ("OK", "healthy", "No alarm is raised (errors, latency)."),
        ("ALARM", "unhealthy", "latency is in ALARM (7 datapoints were greater than 1.0)."),
        ("INSUFFICIENT_DATA", "unknown", "latency has not enough data: it tells nothing."),
        ("", "unknown", "There is no alarm latency in eu-west-1: look whether the runbook names it rightly."),
    ],
)
async def test_two_alarms_make_one_reading(aws: World, second: str, state: str, words: str) -> None:
    """One that is raised is enough; one that tells nothing makes nothing healthy."""
    stand_alarm(aws, "errors", THERE)
    if second:
        stand_alarm(aws, "latency", THERE, second)
    reading = (
        await perform("detect.cloudwatch", aws.settings(THERE, alarms=["errors", "latency"]), within=10.0)
    ).reading
    assert reading is not None
    assert reading.state == state
    assert reading.reason.startswith(words)


async def test_a_raised_alarm_counts_although_another_is_missing(aws: World) -> None:
    """What is known to be bad is not hidden by what is not known."""
    stand_alarm(aws, "errors", THERE, "ALARM")
    reading = (await perform("detect.cloudwatch", aws.settings(THERE, alarms=["none", "errors"]), within=10.0)).reading
    assert reading is not None
    assert reading.state == "unhealthy"
