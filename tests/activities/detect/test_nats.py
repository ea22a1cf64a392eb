import time

import pytest

from lab.regions import kill
from lab.topology import Lab
from runbooks.facts import DataValues
from runbooks.steps import Reading
from tests.activities.calls import ACTIVE, EPOCH, STANDBY, perform, queue
from tests.activities.publishing import mirrored, published
from tests.lab.started import until


async def look(settings: dict[str, object]) -> tuple[Reading, DataValues]:
    """The reading and its values; they are empty when there is nothing to see."""
    result = await perform("detect.nats", settings)
    assert result.reading is not None
    assert result.changed is False
    return result.reading, DataValues.model_validate({"role": "none", **result.reading.values})


async def test_both_sides_are_seen(queues: Lab) -> None:
    """The primary with its mirror by its domain, the mirror with what it has; and when the last message came."""
    await published(queues, ACTIVE, "one", "two")
    await mirrored(queues, STANDBY, 2)
    reading, primary = await look(queue(queues, ACTIVE))
    assert (reading.state, primary.role, primary.writable) == ("healthy", "primary", True)
    assert (primary.position, primary.transactions, primary.epoch) == (2, 2, None)
    assert {name: (its.state, its.lag_bytes) for name, its in primary.standbys.items()} == {STANDBY: ("streaming", 0)}
    reading, mirror = await look(queue(queues, STANDBY))
    assert (reading.state, mirror.role, mirror.streaming, mirror.writable) == ("healthy", "standby", True, False)
    assert (mirror.position, mirror.lag_bytes, mirror.lag_seconds) == (2, 0, 0.0)
    assert mirror.last_commit_at == pytest.approx(time.time(), abs=20)


async def test_a_mirror_without_its_origin_hears_nothing(queues: Lab) -> None:
    """A few seconds after the primary died; how far it was behind is then unknown."""
    await published(queues, ACTIVE, "one")
    await mirrored(queues, STANDBY, 1)
    await kill(queues, ACTIVE)

    async def silent() -> bool:
        return not (await look(queue(queues, STANDBY)))[1].streaming

    await until(silent)
    reading, mirror = await look(queue(queues, STANDBY))
    assert (mirror.lag_bytes, reading.state) == (None, "healthy")
    assert "hears nothing" in reading.reason
    assert mirror.lag_seconds is not None


async def test_a_fenced_primary_takes_no_writes(queues: Lab) -> None:
    """It is a primary, with the epoch that fenced it, and no writer."""
    await perform("fence.nats", queue(queues, ACTIVE))
    _, values = await look(queue(queues, ACTIVE))
    assert (values.role, values.read_only, values.writable, values.epoch) == ("primary", True, False, EPOCH)


async def test_what_does_not_answer_is_unhealthy(closed: int, mute: int) -> None:
    """A refusal at once, silence after its bound."""
    settings = {"host": "127.0.0.1", "domain": "here", "stream": "events", "subjects": ["events.>"]}
    began = time.monotonic()
    reading, _ = await look({**settings, "port": closed})
    assert (reading.state, "nothing listens there" in reading.reason) == ("unhealthy", True)
    reading, _ = await look({**settings, "port": mute, "connect_timeout": "200ms"})
    assert (reading.state, "gave no answer within 0.2 s" in reading.reason) == ("unhealthy", True)
    assert time.monotonic() - began < 5.0
