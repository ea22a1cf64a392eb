"""What Temporal itself is asked: who goes under an id, how it ends, and who listens."""

import asyncio

import pytest
from temporalio.testing import ActivityEnvironment

from activities.temporal import Temporal
from runbooks.evacuation import Word
from runbooks.models import Procedure
from runbooks.reports import FollowCall, Going, GoingCall, PollersCall
from runbooks.runs import DecisionKind, Outcome, RunInput
from tests.workflows.composite_stage import Composites, trigger
from tests.workflows.composite_world import HOME
from tests.workflows.conftest import say
from tests.workflows.fake_runs import Script
from triggers.composite import say_stop
from triggers.errors import RunEndedError
from triggers.start import start_run


async def test_who_goes_under_an_id(composites: Composites) -> None:
    """Nobody yet, one that goes, one that has ended."""
    asked, call = Temporal(composites.client), GoingCall(workflow_id=f"evac/{composites.name}")
    assert await asked.going(call) == Going()
    composites.systems.scripts[composites.name] = [Script(holds=True)]
    request = RunInput(runbook=composites.book(), procedure=Procedure.FAILBACK, source=HOME, trigger=trigger())
    run = (await start_run(composites.client, composites.settings, request)).handle
    going = await asked.going(call)
    assert (going.open, going.kind, going.run) == (True, "failback", run.run_id)
    await run.signal("decide", say(DecisionKind.ABORT))
    await run.result()
    assert not (await asked.going(call)).open


async def test_the_end_of_another_run_is_followed(composites: Composites) -> None:
    """Also one that was closed from outside."""
    follow = Temporal(composites.client).follow
    for closed in (False, True):
        composites.systems.scripts[composites.name] = [Script(holds=closed, outcome=Outcome.RECOVERED)]
        request = RunInput(runbook=composites.book(), source=HOME, trigger=trigger())
        run = (await start_run(composites.client, composites.settings, request)).handle
        if closed:
            await run.terminate()
        found = await ActivityEnvironment().run(follow, FollowCall(workflow_id=run.id))
        assert (found.state is None, "without a result" in found.sentence) == (closed, closed)


async def test_who_listens(composites: Composites) -> None:
    """A queue that nobody polls has no age."""
    queue = composites.settings.task_queue
    call = PollersCall(queues=(queue, f"{queue}@witness", "nobody"))
    while None in [(report := await Temporal(composites.client).pollers(call)).ages[name] for name in call.queues[:2]]:
        await asyncio.sleep(0.05)
    assert report.ages["nobody"] is None


async def test_nothing_is_said_to_what_is_not_going(composites: Composites) -> None:
    """The sentence says so."""
    with pytest.raises(RunEndedError, match="evac/evacuate/mars is not going"):
        await say_stop(composites.client, "mars", Word(id="w", by="bob", at=0))
