from runbooks.facts import DnsValues
from tests.activities.calls import ACTIVE, STANDBY, perform
from tests.activities.routing_controls import CONTROLS, controls
from tests.aws.fakes.routing_control import ENDPOINTS
from tests.aws.world import World


async def test_the_regions_that_are_on_are_its_values(aws: World) -> None:
    """Also while two endpoints refuse."""
    settings = controls(aws)
    aws.tell("route53-recovery-cluster", controls={CONTROLS[STANDBY]: "On"})
    for region in ENDPOINTS[1:3]:
        aws.bend(f"@{region}", "refuse")
    reading = (await perform("detect.routing_control", settings, within=10.0)).reading
    assert reading is not None
    assert reading.state == "healthy"
    assert DnsValues.model_validate(reading.values).regions == (ACTIVE, STANDBY)


async def test_all_off_is_not_healthy(aws: World) -> None:
    """And leads to nothing."""
    settings = controls(aws)
    aws.tell("route53-recovery-cluster", controls=dict.fromkeys(CONTROLS.values(), "Off"))
    reading = (await perform("detect.routing_control", settings, within=10.0)).reading
    assert reading is not None
    assert (reading.state, reading.reason) == ("unhealthy", "it leads to nothing.")
