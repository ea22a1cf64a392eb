"""`evac lab demo`: the whole story on this machine. A region is killed, and Evac brings the system up in the other."""

import asyncio
import json
import shutil
import time
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from lab.crew import arm, muster
from lab.demolition import demolish
from lab.errors import LabError
from lab.figures import ASYNCHRONOUSLY, SYNCHRONOUSLY, Figures, figures, store_losses
from lab.load import Load
from lab.manager import up
from lab.regions import kill
from lab.stores import losses, stores
from lab.topology import DATABASE, Lab, LabSpec
from lab.usage import load_config
from runbooks.load import load
from runbooks.models import Runbook
from runbooks.runs import Decision, DecisionKind, Phase, RunState
from triggers import names
from triggers.cli.live import Follower
from triggers.cli.screen import Screen
from triggers.look import ask
from triggers.start import decide, stop_watch
from worker.settings import Settings

CALM = 2.0
"""Seconds of normal service before the kill, so that there is something to lose."""
PATIENCE = 120.0

Say = Callable[[str], None]
Approve = Callable[[RunState], bool]
"""Asks the person at the terminal about the plan."""


@dataclass(frozen=True)
class Story:
    """What a demo is told with."""

    spec: LabSpec
    settings: Settings
    say: Say
    screen: Callable[[], Screen]
    approve: Approve
    victim: str | None = None
    """The region to kill; None: the one that holds the writers."""


async def tell(story: Story) -> tuple[Figures, Lab]:
    """Tell the whole story and measure it. The lab is left up: end it with `demolish`. Raises LabError."""
    began = time.monotonic()

    def say(line: str) -> None:
        story.say(f"{time.monotonic() - began:5.1f} s  {line}")

    _fresh(story.settings.home)
    say(f"A lab of {story.spec.regions} regions comes up")
    lab = await up(story.spec, lambda line: story.say(f"       {line}"))
    try:
        return await _measured(story, lab, say), lab
    except BaseException:
        demolish(lab)
        raise


async def _measured(story: Story, lab: Lab, say: Say) -> Figures:
    client = await muster(lab, story.settings)
    say(f"Evac is at work outside the regions; Temporal's pages: {pages(story.settings)}")
    await arm(client, story.settings, lab)
    book = load(lab.runbook).runbook
    victim = story.victim or lab.active.name
    rules = detection(book, victim)
    say(f"The detector is armed: {rules}")
    async with AsyncExitStack() as stack:
        clients = await stack.enter_async_context(Load(load_config(lab)))
        async with asyncio.timeout(PATIENCE):
            await clients.until_good(time.time())
        say(f"Clients outside write and ask through {lab.public_name.rstrip('.')}: {clients.status()}")
        await asyncio.sleep(CALM)
        killed = await kill(lab, victim)
        say(f"{victim} is dead: SIGKILL to {killed.processes} processes")
        state = await _followed(story, client, book)
        try:
            async with asyncio.timeout(PATIENCE):
                await clients.until_good(state.ended_at or time.time())
        except TimeoutError:
            say(f"The clients are not served: {clients.status()}")
        seen = clients.report(killed.at)
        lost = await losses(lab, clients.attempts, clients.config.client, killed.at)
    await stop_watch(client, book.name)
    return figures(state, seen, store_losses(lost, copied(lab)), rules)


async def _followed(story: Story, client: Client, book: Runbook) -> RunState:
    """Wait for the detector to start the run, and follow it to its end."""
    handle: WorkflowHandle[Any, RunState] = client.get_workflow_handle(names.run_id_of(book.name), result_type=RunState)
    await _exists(handle)
    if book.policy.failover.approval.count:
        await _asked(story, client, handle, book.name)
    with story.screen() as screen:
        state = await Follower(client, story.settings, handle).follow(screen, PATIENCE)
    if state is None or state.outcome is None:
        message = f"the run did not end within {PATIENCE:g} s: see `evac status {book.name}`."
        raise LabError(message)
    return state


async def _exists(handle: WorkflowHandle[Any, RunState]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            await handle.describe()
        except RPCError:
            await asyncio.sleep(0.02)
        else:
            return
    message = "the detector did not start a run: see `evac status`."
    raise LabError(message)


async def _asked(story: Story, client: Client, handle: WorkflowHandle[Any, RunState], name: str) -> None:
    state = await ask(client, story.settings, handle, RunState)
    while state.phase in (Phase.CONFIRMING, Phase.OBSERVING, Phase.PLANNING):
        await asyncio.sleep(0.05)
        state = await ask(client, story.settings, handle, RunState)
    if state.phase != Phase.AWAITING_APPROVAL:
        return
    yes = await asyncio.to_thread(story.approve, state)
    kind = DecisionKind.APPROVE if yes else DecisionKind.REJECT
    said = Decision(id=uuid.uuid4().hex, kind=kind, by="you", at=time.time(), checksum=state.checksum)
    await decide(client, name, said)


def detection(book: Runbook, region: str) -> str:
    """How a dead region is recognised, in words."""
    rule = book.detect
    return (
        f"probes every {rule.interval * 1000:g} ms, {rule.failures} bad rounds in a row count, "
        f"{book.quorum_for(region)} of {len(book.vantages_for(region))} vantage points outside {region} must agree"
    )


def copied(lab: Lab) -> dict[str, str]:
    """How each of the lab's stores is copied: a cache and a queue never make a write wait for that."""
    waits = {DATABASE} if lab.mode == "synchronous" else set()
    return {store: SYNCHRONOUSLY if store in waits else ASYNCHRONOUSLY for store in stores(lab)}


def _fresh(home: Path) -> None:
    """A demo begins with an empty Temporal; the records of earlier demos stay."""
    for old in home.glob("temporal.db*"):
        old.unlink()
    shutil.rmtree(home / "ran", ignore_errors=True)


def pages(settings: Settings) -> str:
    """Where Temporal's own pages are, while the demo is up."""
    return str(json.loads(settings.server_file.read_text())["ui"])
