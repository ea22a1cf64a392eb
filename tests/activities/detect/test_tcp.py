import time
from typing import Any

import pytest

from tests.activities.calls import perform


async def test_an_open_port_is_healthy(mute: int) -> None:
    """It is enough that the connection opens; the port may come as text, as templates leave it."""
    result = await perform("detect.tcp", {"host": "127.0.0.1", "port": str(mute)})
    assert result.reading is not None
    assert (result.reading.state, result.reading.reason) == ("healthy", f"127.0.0.1:{mute} accepts connections.")


async def test_a_closed_port_is_unhealthy_at_once(closed: int) -> None:
    """Refused: no waiting for the timeout."""
    began = time.monotonic()
    result = await perform("detect.tcp", {"host": "127.0.0.1", "port": closed, "timeout": 30})
    assert time.monotonic() - began < 5.0
    assert result.reading is not None
    assert (result.reading.state, result.reading.reason) == ("unhealthy", f"127.0.0.1:{closed} refuses connections.")
    assert (await perform("detect.tcp.check", {"host": "127.0.0.1", "port": closed})).proved is True


@pytest.mark.parametrize(
    ("uses", "settings"),
    [
        ("detect.tcp", {"host": "no.such.host.invalid", "port": 1, "timeout": 5}),
        ("detect.http", {"url": "http://no.such.host.invalid/", "timeout": 5}),
    ],
)
async def test_a_name_that_nobody_knows_is_unknown(uses: str, settings: dict[str, Any]) -> None:
    """It, or this worker's resolver, is wrong: that is no dead region. The resolver's words are in the sentence."""
    result = await perform(uses, settings)
    assert result.reading is not None
    assert result.reading.state == "unknown"
    assert result.reading.reason.startswith("This worker's resolver has no address of no.such.host.invalid (")
