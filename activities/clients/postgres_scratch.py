"""A copy of a database aside, for as long as it is needed: nothing of it is left afterwards, however it ends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, TypeVar

from activities.clients.postgres_agent import ordered, scratch
from activities.contract import Job
from runbooks.kinds import PostgresSettings

P = TypeVar("P", bound=PostgresSettings)


@asynccontextmanager
async def copied(job: Job[P], source: Literal["backup", "standby"]) -> AsyncIterator[PostgresSettings]:
    """How the administrator reaches the copy. Raises StepError."""
    key = f"{job.call.run}/{job.call.step}"
    controller = scratch(job, key)
    try:
        copy = await ordered(job, controller, {"source": source, "key": key})
        own = {name: getattr(job.settings, name) for name in PostgresSettings.model_fields}
        yield PostgresSettings.model_validate({**own, "host": copy.host, "port": copy.port or job.settings.port})
    finally:
        await controller.delete()  # only what has this key
