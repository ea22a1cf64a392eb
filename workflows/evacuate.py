"""Evacuate: every runbook that touches a region leaves it, in waves, each by a failover of its own.

Nothing more is started unasked when the first one is not verified elsewhere, when too many went wrong, or when
what a runbook depends on was not evacuated: a person says go on, or stop.
"""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from runbooks.caution import Caution
    from runbooks.evacuation import (
        BookState,
        EvacuateInput,
        EvacuateState,
        EvacuationError,
        EvacuationOutcome,
        EvacuationPhase,
        Fate,
        Word,
        first_states,
        waves,
    )
    from runbooks.models import Procedure
    from workflows.composite import Composite
    from workflows.moving import Moving
    from workflows.notices import Notices


@workflow.defn(name="evacuate")
class Evacuate(Composite):
    """One evacuation of one region: workflow id `evac/evacuate/<region>`."""

    @workflow.init
    def __init__(self, request: EvacuateInput) -> None:
        super().__init__()
        self._in = request
        self._phase = EvacuationPhase.STARTING
        self._outcome: EvacuationOutcome | None = None
        self._message = ""
        self._books = {book.runbook.name: book for book in request.books}
        self._states: dict[str, BookState] = {}
        self._caution = Caution(request, self._states)
        self._words: list[Word] = []
        self._stopped: Word | None = None
        self._going: set[asyncio.Task[None]] = set()
        self._next_start = 0.0
        self._answered = False
        concerned = [book.runbook for book in request.books if request.region in book.runbook.regions]
        self._everyone = Notices(concerned, self._run, 0, name=f"evacuation of {request.region}")

    @workflow.run
    async def run(self, request: EvacuateInput) -> EvacuateState:
        """Move everything out of the region. Never raises for what a person should read: the state says it."""
        del request
        work = asyncio.create_task(self._to_its_end())
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:  # the runs go on: cut off midway they would help nobody
            why = "the workflow was cancelled"
            self.stop(Word(id=why, by="Temporal", at=workflow.time(), reason=why))
            await work
        return self.state()

    @workflow.signal(name="go-on")
    def go_on(self, word: Word) -> None:
        """A person has seen what went wrong: what has ended so far is held against nothing any more."""
        if self._counts(word):
            self._caution.forgive()
            self._answered = True
            self.tell(f"{word.by} said go on{_why(word)}")

    @workflow.signal
    def stop(self, word: Word) -> None:
        """Nothing more is started; what is going goes on to its end."""
        if self._counts(word):
            self._stopped = word
            self.tell(f"{word.by} said stop{_why(word)}")

    @workflow.query
    def state(self) -> EvacuateState:
        """The evacuation as it stands."""
        return EvacuateState(
            region=self._in.region,
            run=self._run,
            phase=self._phase,
            outcome=self._outcome,
            message=self._message,
            started_at=self._started_at,
            ended_at=self._ended_at,
            books=tuple(self._states.values()),
            words=tuple(self._words),
            events=tuple(self._story.events),
            record=self._record,
        )

    async def _to_its_end(self) -> None:
        region = self._in.region
        self._enter(EvacuationPhase.STARTING, f"Evacuation of {region}, asked by {self._in.trigger.by}")
        try:
            order = waves([book.runbook for book in self._in.books], region)
        except EvacuationError as error:
            self._end(EvacuationOutcome.REFUSED, f"Nothing was started: {error}")
        else:
            self._states.update(first_states(self._in, order))
            self._enter(EvacuationPhase.MOVING, f"Moving {sum(map(len, order))} runbooks out of {region}")
            self._everyone.send(f"{self._message}, asked by {self._in.trigger.by}")
            for wave in order:
                await self._wave(wave)
            self._conclude()
        passed = self._outcome == EvacuationOutcome.EVACUATED
        self._everyone.send(f"Evacuation of {region} {self._outcome}: {self._message}")
        await self._keep(Procedure.EVACUATE, self.state(), passed=passed, subject=region)
        await self._everyone.settled()
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _wave(self, names: tuple[str, ...]) -> None:
        """Start each of them when it may be started; the next wave begins when all of them have ended."""
        for name in names:
            await workflow.wait_condition(lambda: len(self._going) < self._in.at_once)
            if not await self._may_start(name):
                assert self._stopped is not None
                self._set(name, fate=Fate.NOT_STARTED, sentence=f"{self._stopped.by} stopped the evacuation before it")
                continue
            task = asyncio.create_task(self._moved(name))
            self._going.add(task)
            task.add_done_callback(self._going.discard)
            if self._caution.first():
                await task
        await workflow.wait_condition(lambda: not self._going)

    async def _may_start(self, name: str) -> bool:
        book = self._books[name].runbook
        while self._stopped is None:
            why = self._caution.why_wait(book)
            if why is None:
                return True
            self._answered = False
            message = f"{why}. Waiting for a person before {name}: go on, or stop"
            self._enter(EvacuationPhase.WAITING_FOR_PERSON, message)
            notices = Notices(book, self._run, 0)
            notices.send(message)
            await workflow.wait_condition(lambda: self._answered or self._stopped is not None)
            await notices.settled()
            self._enter(EvacuationPhase.MOVING, f"Moving on out of {self._in.region}")
        return False

    async def pace(self) -> None:
        """Wait for one's turn: runs that begin at one moment ask the same servers at one moment."""
        at = max(workflow.time(), self._next_start)
        self._next_start = at + self._in.gap
        if at > workflow.time():
            await workflow.sleep(at - workflow.time())

    async def _moved(self, name: str) -> None:
        await Moving(self._in, self._books[name], self, lambda **changes: self._set(name, **changes)).to_its_end()

    def _conclude(self) -> None:
        states = self._states.values()
        good = [state for state in states if state.fate == Fate.SKIPPED or state.good]
        bad = [state.name for state in states if state not in good]
        counted = f"{len(good)} of {len(self._states)} runbooks are out of {self._in.region}"
        if not bad:
            self._end(EvacuationOutcome.EVACUATED, counted if good else f"No runbook touches {self._in.region}")
            return
        outcome = EvacuationOutcome.PARTLY if self._stopped is None else EvacuationOutcome.STOPPED
        self._end(outcome, f"{counted}; not: {', '.join(bad)}")

    def _counts(self, word: Word) -> bool:
        if any(known.id == word.id for known in self._words):
            return False
        self._words.append(word)
        if self._phase == EvacuationPhase.ENDED:
            self.tell(f"{word.by} said something after the end: it counts no more")
            return False
        return True

    def _set(self, name: str, **changes: object) -> None:
        self._states[name] = self._states[name].model_copy(update=changes)

    def _end(self, outcome: EvacuationOutcome, message: str) -> None:
        self._outcome = outcome
        self._outcome_is(outcome)
        self._enter(EvacuationPhase.ENDED, message)

    def _enter(self, phase: EvacuationPhase, message: str) -> None:
        self._phase = phase
        self._message = message
        self._phase_is(phase)
        self.tell(message)


def _why(word: Word) -> str:
    return f" ({word.reason})" if word.reason else ""
