"""Locks on what several runbooks share, through a real Temporal server."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest_asyncio
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from activities.gate import Gate
from runbooks.controls import lock_id
from tests.workflows.holding import Holding
from tests.workflows.world import runbook
from workflows.lock import Lock
from workflows.locks import shared

Handle = WorkflowHandle[Holding, list[str]]


class Bench:
    """Starts runs that hold locks whose names are of this test's own."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.unique = uuid.uuid4().hex[:8]

    def lock(self, name: str) -> str:
        """The lock's real name."""
        return f"{name}-{self.unique}"

    async def hold(self, run: str, *names: str) -> Handle:
        """A run that takes the locks."""
        wanted = [self.lock(name) for name in names]
        return await self.client.start_workflow(Holding.run, wanted, id=f"{run}-{self.unique}", task_queue=self.unique)

    async def until(self, handle: Handle, wanted: Callable[[list[Any], list[Any], list[Any]], bool]) -> list[list[str]]:
        """The run's state as soon as it is as wanted."""
        while True:
            state = await handle.query(Holding.state)
            if wanted(*state):
                return state
            await asyncio.sleep(0.02)


@pytest_asyncio.fixture
async def bench(server: str) -> AsyncIterator[Bench]:
    """A worker that replays everything from the start at each turn."""
    made = Bench(await Client.connect(server, data_converter=pydantic_data_converter))
    async with Worker(
        made.client,
        task_queue=made.unique,
        workflows=[Holding, Lock],
        activities=[Gate(made.client).holder],
        max_cached_workflows=0,
    ):
        yield made


def test_the_shared_names_come_in_one_order() -> None:
    """Each once, sorted, whatever the order of the resources."""
    settings = {"us-east-1": {"agent": "a"}, "eu-west-1": {"agent": "b"}}
    names = {"z": "zone", "a": "zone", "b": "broker", "c": None}
    resources = {key: {"kind": "process", "settings": settings, "shared": name} for key, name in names.items()}
    assert shared(runbook(resources=resources, checks=[])) == ("broker", "zone")


async def test_one_run_holds_a_lock_and_the_other_waits_and_says_for_whom(bench: Bench) -> None:
    """Free again, it goes to the one that waits."""
    first = await bench.hold("first", "zone")
    await bench.until(first, lambda held, _lost, _told: bool(held))
    second = await bench.hold("second", "zone")
    _, _, told = await bench.until(second, lambda _held, _lost, told: bool(told))
    zone = bench.lock("zone")
    assert told == [f"{zone} is shared and held by {first.id}: waiting until it is free"]
    await first.signal(Holding.say, "end")
    assert await first.result() == []
    await bench.until(second, lambda held, _lost, _told: bool(held))
    await second.signal(Holding.say, "end")
    assert await second.result() == [*told, f"{zone} is free: going on"]


async def test_two_runs_never_wait_for_each_other_in_a_ring(bench: Bench) -> None:
    """Named in opposite orders, they are taken in the same."""
    runs = [await bench.hold("first", "a", "b"), await bench.hold("second", "b", "a")]
    for run in runs:
        await run.signal(Holding.say, "end")
    await asyncio.gather(*(run.result() for run in runs))


async def test_told_to_stop_it_gives_back_what_it_has(bench: Bench) -> None:
    """It waits for the second lock when a person aborts it: the first one is free at once."""
    first = await bench.hold("first", "b")
    await bench.until(first, lambda held, _lost, _told: bool(held))
    second = await bench.hold("second", "a", "b")
    await bench.until(second, lambda _held, _lost, told: bool(told))
    await second.signal(Holding.say, "stop")
    assert (await second.result())[-1] == "told to stop"
    third = await bench.hold("third", "a")
    await bench.until(third, lambda held, _lost, _told: bool(held))
    for run in (first, third):
        await run.signal(Holding.say, "end")
        assert await run.result() == []


async def test_a_lock_ends_with_the_run_that_holds_it(bench: Bench) -> None:
    """The holder is terminated: nobody is left to release the lock, and it is free all the same."""
    first = await bench.hold("first", "zone")
    await bench.until(first, lambda held, _lost, _told: bool(held))
    await first.terminate()
    second = await bench.hold("second", "zone")
    await bench.until(second, lambda held, _lost, _told: bool(held))
    await second.signal(Holding.say, "end")
    await second.result()


async def test_a_run_that_goes_on_as_another_takes_its_locks_anew(bench: Bench) -> None:
    """Continue-as-new: whatever became of the lock, the run holds it again."""
    first = await bench.hold("first", "zone")
    await bench.until(first, lambda held, _lost, _told: bool(held))
    before = (await first.describe()).run_id
    await first.signal(Holding.say, "anew")
    newest = bench.client.get_workflow_handle_for(Holding.run, first.id)
    while (await newest.describe()).run_id == before:
        await asyncio.sleep(0.02)
    held, lost, _ = await bench.until(newest, lambda held, _lost, _told: bool(held))
    assert (held, lost) == ([bench.lock("zone")], [])
    await newest.signal(Holding.say, "end")
    await newest.result()


async def test_a_lock_that_is_terminated_is_known_to_be_lost(bench: Bench) -> None:
    """The run can see that it holds it no more, and ends as always."""
    first = await bench.hold("first", "zone")
    await bench.until(first, lambda held, _lost, _told: bool(held))
    lock = bench.client.get_workflow_handle(lock_id(bench.lock("zone")))
    await lock.terminate()
    await bench.until(first, lambda _held, lost, _told: lost == [bench.lock("zone")])
    await first.signal(Holding.say, "end")
    assert await first.result() == []
    assert (await lock.describe()).status is WorkflowExecutionStatus.TERMINATED
