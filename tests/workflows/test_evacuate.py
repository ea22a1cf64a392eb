"""Evacuations: every runbook leaves the region, in order, a few at once, and no further than a person wants."""

import asyncio
import itertools
import uuid
from typing import Any

from temporalio.client import WorkflowHandle

from runbooks.evacuation import Book, EvacuateInput, EvacuateState, EvacuationOutcome, EvacuationPhase, Fate, Word
from runbooks.models import Procedure
from runbooks.runs import Outcome, RunInput, RunState, Trigger
from tests.workflows.composite_stage import Composites, trigger, until
from tests.workflows.composite_world import AWAY, HOME
from tests.workflows.fake_runs import Script
from triggers.composite import say_go_on, say_stop, start_evacuation
from triggers.start import start_run

Handle = WorkflowHandle[Any, EvacuateState]
WRONG = Script(outcome=Outcome.REFUSED, message="the standby cannot be seen")


def book(stage: Composites, name: str, **changes: Any) -> Book:
    """A runbook of this test; its name begins with the test's own."""
    changes["depends_on"] = [f"{stage.name}-{other}" for other in changes.get("depends_on", ())]
    return Book(runbook=stage.book(name=f"{stage.name}-{name}", **changes), text="evac: 1\n")


def word() -> Word:
    """Bob says it."""
    return Word(id=str(uuid.uuid4()), by="bob", at=0.0)


async def evacuation(stage: Composites, *books: Book, **changes: Any) -> Handle:
    """Start one of a region of this test only: two evacuations of one region are one."""
    request = EvacuateInput.model_validate(
        {"region": HOME, "books": books, "gap": 0, "trigger": trigger(), **changes},
    )
    return (await start_evacuation(stage.client, stage.settings, request)).handle


def fates(stage: Composites, state: EvacuateState) -> dict[str, str]:
    """What has become of each."""
    return {found.name.removeprefix(f"{stage.name}-"): found.fate.value for found in state.books}


def began(stage: Composites) -> list[str]:
    """The failovers, in the order in which they began."""
    return [name.removeprefix(f"{stage.name}-").removesuffix(":failover") for name in stage.systems.began]


async def test_moves_everything_in_waves(composites: Composites) -> None:
    """Each after all that it depends on; within a wave by priority."""
    books = (
        book(composites, "shop", depends_on=["db", "auth"]),
        book(composites, "auth", depends_on=["db"]),
        book(composites, "db", priority=200),
        book(composites, "mail", priority=10),
    )
    state = await (await evacuation(composites, *books)).result()
    assert (state.outcome, state.message) == (
        EvacuationOutcome.EVACUATED,
        f"4 of 4 runbooks are out of {HOME}",
    )
    assert began(composites) == ["mail", "db", "auth", "shop"]
    assert {AWAY} == {composites.systems.serves[one.runbook.name] for one in books}
    assert {("evacuation", HOME)} == {(run.trigger.kind, run.source) for run in composites.systems.asked}
    assert state.record.startswith(str(composites.settings.records / "_evacuate" / HOME))


async def test_no_more_than_so_many_at_once(composites: Composites) -> None:
    """Two at a time, after the first one."""
    books = [book(composites, f"s{number}") for number in range(6)]
    for one in books:
        composites.systems.scripts[one.runbook.name] = [Script(seconds=0.3, outcome=Outcome.RECOVERED)]
    state = await (await evacuation(composites, *books, at_once=2)).result()
    assert state.outcome == EvacuationOutcome.EVACUATED
    assert composites.systems.most_going == 2


async def test_the_first_one_must_be_verified_before_the_rest(composites: Composites) -> None:
    """First-of-batch pause: what goes wrong with all goes wrong with one only."""
    books = [book(composites, f"s{number}") for number in range(4)]
    composites.systems.scripts[books[0].runbook.name] = [Script(outcome=Outcome.APPLIED_NOT_CONFIRMED)]
    handle = await evacuation(composites, *books)
    state = await until(handle, EvacuateState, lambda s: s.phase == EvacuationPhase.WAITING_FOR_PERSON)
    assert f"{composites.name}-s0, the first one, is not verified elsewhere" in state.message
    assert began(composites) == ["s0"]
    await say_go_on(composites.client, HOME, word())
    state = await handle.result()
    assert (state.outcome, len(began(composites))) == (EvacuationOutcome.PARTLY, 4)


async def test_without_a_canary_all_start(composites: Composites) -> None:
    """A person in a hurry may say so."""
    books = [book(composites, f"s{number}") for number in range(3)]
    composites.systems.scripts[books[0].runbook.name] = [Script(holds=True)]
    handle = await evacuation(composites, *books, canary=False)
    await until(handle, EvacuateState, lambda _s: len(began(composites)) == 3)
    await composites.client.get_workflow_handle(f"evac/{books[0].runbook.name}").terminate()
    state = await handle.result()
    assert (state.outcome, state.books[0].outcome) == (EvacuationOutcome.PARTLY, None)
    assert "without a result" in state.books[0].sentence


async def test_too_many_errors_stop_the_starting(composites: Composites) -> None:
    """One of two is more than the three in ten allowed; stop leaves the rest alone."""
    books = [book(composites, f"s{number}") for number in range(5)]
    composites.systems.scripts[books[1].runbook.name] = [WRONG]
    handle = await evacuation(composites, *books, at_once=1)
    state = await until(handle, EvacuateState, lambda s: s.phase == EvacuationPhase.WAITING_FOR_PERSON)
    assert "1 of 2 ended runs went wrong" in state.message
    assert "more than the 30% allowed" in state.message
    await say_stop(composites.client, HOME, word())
    state = await handle.result()
    assert state.outcome == EvacuationOutcome.STOPPED
    assert fates(composites, state) == {
        "s0": "ended",
        "s1": "ended",
        "s2": "not-started",
        "s3": "not-started",
        "s4": "not-started",
    }


async def test_people_are_told_who_is_awaited(composites: Composites) -> None:
    """By the notices of the runbook that waits."""
    books = (
        book(composites, "a", notify=[{"uses": "notify.log"}]),
        book(composites, "b", notify=[{"uses": "notify.log"}]),
    )
    told = composites.systems.told
    composites.systems.scripts[books[0].runbook.name] = [WRONG]
    handle = await evacuation(composites, *books)
    await until(handle, EvacuateState, lambda _s: any("Waiting for a person" in text for text in told))
    await say_stop(composites.client, HOME, word())
    state = await handle.result()
    assert told[0].startswith(f"Moving 2 runbooks out of {HOME}, asked by ")
    assert told[-1] == f"Evacuation of {HOME} stopped: {state.message}"
    assert [text for text in told if text.startswith("Evacuation")] == told[-1:]  # both name the same file


async def test_what_depends_on_one_that_stayed_waits_for_a_person(composites: Composites) -> None:
    """It would serve without what it needs."""
    books = (book(composites, "a"), book(composites, "db", priority=200), book(composites, "shop", depends_on=["db"]))
    composites.systems.scripts[books[1].runbook.name] = [WRONG]
    handle = await evacuation(composites, *books, stop_on_error_rate=1.0)
    state = await until(handle, EvacuateState, lambda s: s.phase == EvacuationPhase.WAITING_FOR_PERSON)
    assert f"{composites.name}-shop depends on {composites.name}-db, not evacuated" in state.message
    await say_go_on(composites.client, HOME, word())
    assert (await handle.result()).outcome == EvacuationOutcome.PARTLY
    assert began(composites) == ["a", "db", "shop"]


async def test_one_with_nothing_to_move_is_skipped(composites: Composites) -> None:
    """It serves from elsewhere already, or does not know the region at all."""
    books = (book(composites, "moved"), book(composites, "here"))
    composites.systems.serves[books[0].runbook.name] = AWAY
    state = await (await evacuation(composites, *books)).result()
    assert state.outcome == EvacuationOutcome.EVACUATED
    assert fates(composites, state) == {"moved": "skipped", "here": "ended"}
    assert "there is nothing to move out of it" in next(b.sentence for b in state.books if b.fate == Fate.SKIPPED)


async def test_a_circle_is_refused(composites: Composites) -> None:
    """The sentence names it."""
    books = (book(composites, "a", depends_on=["b"]), book(composites, "b", depends_on=["a"]))
    state = await (await evacuation(composites, *books)).result()
    assert (state.outcome, began(composites)) == (EvacuationOutcome.REFUSED, [])
    assert f"{composites.name}-a -> {composites.name}-b -> {composites.name}-a depend on one another" in state.message


async def test_one_that_is_going_is_joined(composites: Composites) -> None:
    """A failover out of the region is followed; nothing is started beside it."""
    one = book(composites, "going")
    composites.systems.scripts[one.runbook.name] = [Script(seconds=2, outcome=Outcome.RECOVERED)]
    asked = RunInput(runbook=one.runbook, source=HOME, trigger=trigger())
    await start_run(composites.client, composites.settings, asked)
    handle = await evacuation(composites, one)
    await until(handle, EvacuateState, lambda s: any(found.fate == Fate.JOINED for found in s.books))
    state = await handle.result()
    assert (state.outcome, began(composites)) == (EvacuationOutcome.EVACUATED, ["going"])


async def test_a_planned_run_that_is_going_becomes_the_failover(composites: Composites) -> None:
    """The joined switchover goes on as a failover, and that is followed to its end."""
    one = book(composites, "planned")
    composites.systems.scripts[one.runbook.name] = [Script(holds=True)]
    asked = RunInput(runbook=one.runbook, procedure=Procedure.SWITCHOVER, source=HOME, trigger=trigger())
    run = (await start_run(composites.client, composites.settings, asked)).handle
    state = await (await evacuation(composites, one, force=True)).result()
    assert (state.outcome, state.books[0].outcome) == (EvacuationOutcome.EVACUATED, Outcome.RECOVERED)
    newest = composites.client.get_workflow_handle(run.id, result_type=RunState)
    joined = [asked for asked in (await newest.result()).triggers if asked.kind == "evacuation"]
    assert [(asked.source, asked.force) for asked in joined] == [(HOME, True)]


async def test_a_run_out_of_another_region_is_waited_for_and_looked_behind(composites: Composites) -> None:
    """It moved the system into the region that is evacuated: a failover of its own follows."""
    one = book(composites, "other")
    composites.systems.serves[one.runbook.name] = HOME
    composites.systems.scripts[one.runbook.name] = [Script(seconds=1, outcome=Outcome.RECOVERED)]
    other = Trigger(id="other", kind="person", by="ann", at=0.0)
    asked = RunInput(runbook=one.runbook, source=AWAY, target=HOME, trigger=other)
    await start_run(composites.client, composites.settings, asked)
    state = await (await evacuation(composites, one)).result()
    assert (state.outcome, began(composites)) == (EvacuationOutcome.EVACUATED, ["other", "other"])
    assert composites.systems.serves[one.runbook.name] == AWAY


async def test_stop_starts_nothing_more_and_follows_what_goes(composites: Composites) -> None:
    """What is going is not cut off midway; a word counts once."""
    books = [book(composites, f"s{number}") for number in range(3)]
    composites.systems.scripts[books[0].runbook.name] = [Script(seconds=1, outcome=Outcome.RECOVERED)]
    handle = await evacuation(composites, *books)
    await until(handle, EvacuateState, lambda _s: bool(began(composites)))
    said = word()
    await asyncio.gather(*(say_stop(composites.client, HOME, said) for _ in range(2)))
    state = await handle.result()
    assert fates(composites, state) == {"s0": "ended", "s1": "not-started", "s2": "not-started"}
    assert (state.outcome, len(state.words)) == (EvacuationOutcome.STOPPED, 1)


async def test_runs_begin_a_gap_apart(hurried: Composites) -> None:
    """They ask the same servers. A worker that is late with one start is not late with the next."""
    books = [book(hurried, f"s{number}") for number in range(3)]
    state = await hurried.ended(await evacuation(hurried, *books, gap=60))
    starts = sorted(found.started_at for found in state.books if found.started_at is not None)
    assert all(later - earlier >= 30 for earlier, later in itertools.pairwise(starts))
