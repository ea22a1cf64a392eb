import time

from runbooks.steps import ErrorType
from tests.activities.calls import perform, refused


async def test_a_closed_port_is_not_yet_verified(closed: int) -> None:
    """After a short insistence it is left to Temporal's retries."""
    began = time.monotonic()
    sentence = await refused("verify.tcp", {"host": "127.0.0.1", "port": closed}, ErrorType.NOT_YET)
    assert 0.5 < time.monotonic() - began < 4.0
    assert sentence == f"127.0.0.1:{closed} refuses connections."


async def test_check_looks_once(closed: int) -> None:
    """It answers at once that it is not good."""
    began = time.monotonic()
    result = await perform("verify.tcp.check", {"host": "127.0.0.1", "port": closed})
    assert time.monotonic() - began < 0.5
    assert (result.proved, result.reason) == (False, f"127.0.0.1:{closed} refuses connections.")
