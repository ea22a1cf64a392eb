import time

from lab.freezing import freeze
from lab.processes import Processes
from lab.topology import OUTSIDE, Lab
from runbooks.facts import DnsValues
from runbooks.steps import ErrorType, Reading
from tests.activities.calls import ACTIVE, STANDBY, perform, public_name, refused


async def look(settings: dict[str, object]) -> tuple[Reading, DnsValues]:
    """The reading and its values."""
    result = await perform("detect.rfc2136", settings)
    assert result.reading is not None
    return result.reading, DnsValues.model_validate({"regions": (), "addresses": (), "ttl": 0, **result.reading.values})


async def test_addresses_are_told_as_regions(named: Lab) -> None:
    """Where the name leads, with TTL and the zone's serial; weights are not needed for that."""
    reading, values = await look(public_name(named, ACTIVE) | {"weights": {}})
    assert (reading.state, values.regions, values.ttl, values.serial) == ("healthy", (ACTIVE,), 1, 1)
    await perform("cut_over.rfc2136", public_name(named, STANDBY))
    _, values = await look(public_name(named, STANDBY))
    assert (values.regions, values.serial > 1) == ((STANDBY,), True)


async def test_another_server_stands_in_for_a_dead_one(named: Lab, closed: int) -> None:
    """The answer is there, but without the one that takes the updates it is not healthy."""
    servers = [f"127.0.0.1:{closed}", f"{named.dns_address}:{named.dns_port}"]
    reading, values = await look(public_name(named, ACTIVE) | {"servers": servers})
    assert (reading.state, values.regions) == ("unhealthy", (ACTIVE,))
    assert f"127.0.0.1:{closed} refuses" in reading.reason


async def test_a_dead_server_is_known_at_once(named: Lab) -> None:
    """UDP knows no connection, but the kernel's refusal is heard."""
    Processes(named).kill(OUTSIDE, "dns")
    began = time.monotonic()
    reading, _ = await look(public_name(named, ACTIVE) | {"timeout": 30})
    assert time.monotonic() - began < 5.0
    assert reading.state == "unhealthy"


async def test_a_silent_server_is_given_up(named: Lab) -> None:
    """After its bound, in spite of the repetitions."""
    server = Processes(named).find(OUTSIDE, "dns")
    assert server is not None
    freeze([server])
    began = time.monotonic()
    reading, _ = await look(public_name(named, ACTIVE) | {"timeout": "300ms"})
    assert time.monotonic() - began < 1.5
    assert (reading.state, reading.reason.endswith("gave no answer within 0.3 s.")) == ("unhealthy", True)


async def test_a_bad_address_is_a_bad_setting(named: Lab) -> None:
    """It is found before any server is asked."""
    await refused("detect.rfc2136", public_name(named, ACTIVE) | {"addresses": {"x": "1.2.3"}}, ErrorType.BAD_SETTINGS)
