"""The workers of these tests in a process that is killed: python -m tests.workflows.working SERVER QUEUE."""

import asyncio
import sys
from contextlib import AsyncExitStack

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from tests.workflows.conftest import workers
from tests.workflows.world import World


async def main(server: str, queue: str) -> None:
    """Work until killed."""
    client = await Client.connect(server, data_converter=pydantic_data_converter)
    async with AsyncExitStack() as stack:
        for worker in workers(client, queue, World()):
            await stack.enter_async_context(worker)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
