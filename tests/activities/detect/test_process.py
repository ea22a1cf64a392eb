from pathlib import Path

import pytest

from tests.activities.calls import perform
from tests.activities.groups import agent
from tests.lab.started import until


async def test_a_group_that_has_all_its_replicas_is_healthy(tmp_path: Path) -> None:
    """Starting ones do not count as ready."""
    async with agent(tmp_path, desired=1) as settings:

        async def healthy() -> bool:
            reading = (await perform("detect.process", settings)).reading
            assert reading is not None
            assert (reading.state == "healthy") == (reading.values["ready"] == 1)
            return reading.state == "healthy"

        await until(healthy)
        result = await perform("detect.process", settings)
        assert result.reason == "1 of 1 replicas are ready."


async def test_a_dead_agent_is_a_reading(closed: int) -> None:
    """Its region may be down."""
    reading = (await perform("detect.process", {"agent": f"http://127.0.0.1:{closed}"})).reading
    assert reading is not None
    assert reading.state == "unhealthy"


async def test_a_wrong_token_is_our_own_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The group's health is unknown then, and the token is not in the reading."""
    monkeypatch.setenv("WRONG_TOKEN", "wrong-token-value")
    async with agent(tmp_path, desired=0) as settings:
        reading = (await perform("detect.process", settings | {"token": "env://WRONG_TOKEN"})).reading
    assert reading is not None
    assert reading.state == "unknown"
    assert "wrong-token-value" not in reading.model_dump_json()
