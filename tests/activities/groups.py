"""A real group agent over replicas without a model: all that `process` technologies need of a region."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lab.group_agent import AgentConfig
from lab.inference import InferenceConfig
from lab.service_database import DatabaseConfig
from tests.lab.started import free_port, serving

TOKEN = "a-token-of-the-test"


@asynccontextmanager
async def agent(home: Path, desired: int) -> AsyncIterator[dict[str, Any]]:
    """The settings of the group while its agent lives."""
    service = InferenceConfig(
        region="here",
        address="127.0.0.1",
        port=free_port(),
        model=False,
        database=DatabaseConfig(host="127.0.0.1", port=free_port()),
    )
    config = AgentConfig(
        address="127.0.0.1",
        port=free_port(),
        token_file=home / "token",
        state_file=home / "group.json",
        service=home / "service.json",
        desired=desired,
    )
    config.token_file.write_text(TOKEN)
    config.service.write_text(service.model_dump_json())
    (home / "agent.json").write_text(config.model_dump_json())
    async with serving("lab.group_agent", home / "agent.json") as process:
        yield {"agent": f"http://127.0.0.1:{config.port}", "token": f"file://{config.token_file}", "pid": process.pid}
