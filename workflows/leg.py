"""The legs of a drill: runs of their own under the runbook's id, which real life may take over at any moment."""

import asyncio
from collections.abc import Callable

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, ChildWorkflowError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from runbooks.drills import DrillInput, DrillOutcome, Leg, LegName
    from runbooks.legs import leg_of, moved
    from runbooks.models import Procedure
    from runbooks.reports import FollowCall, Followed
    from runbooks.runs import Decision, Outcome, RunInput, RunState, Trigger
    from workflows.child_run import RunHandle, start
    from workflows.composite import asked, run_of
    from workflows.course import Course, DrillEnded

_NAMES: dict[LegName, str] = {"out": "way out", "home": "way home", "rehearsal": "rehearsal"}

_FIRST_LOOK, _LONGEST = 2.0, 60.0
"""Seconds between two looks at who holds the runbook's id: rarer with time, so that a history stays short."""


class Legs:
    """Starts and follows the legs; `done` are those that ended as legs of a drill, `going` is the one that has not."""

    def __init__(self, request: DrillInput, drill: str, course: Course, tell: Callable[[str], None]) -> None:
        self._in = request
        self._book = request.runbook
        self._drill = drill
        self._course = course
        self._tell = tell
        self._told: Decision | None = None
        self._known: set[str] = {""}
        """The runs under the runbook's id that are no news: the drill's own, and those that changed nothing."""
        self.done: list[Leg] = []
        self.going: Leg | None = None

    def all(self) -> tuple[Leg, ...]:
        """Those that have ended, and the one that is going, without an outcome."""
        return (*self.done, self.going) if self.going is not None else tuple(self.done)

    async def carry_out(self, name: LegName, procedure: Procedure, source: str, target: str | None) -> RunState:
        """Carry one leg out, and keep what it measured. Raises DrillEnded when it is a drill no more."""
        self._course.raise_if_turned()
        aborted = self._course.aborted
        if aborted is not None and name != "home":
            raise DrillEnded(DrillOutcome.ABORTED, f"{aborted.by} aborted the drill before it moved anything")
        self._told = aborted  # an abort that leads home does not stop the way home
        try:
            handle = await start(self._request(name, procedure, source, target))
        except WorkflowAlreadyStartedError:
            raise await self._given_way(name) from None
        run = handle.first_execution_run_id or ""
        self.going = Leg(name=name, procedure=procedure, source=source, target=target or "", run=run)
        try:
            return await self._followed(name, handle, run)
        finally:
            self.going = None

    async def _followed(self, name: LegName, handle: RunHandle, run: str) -> RunState:
        lookout = asyncio.create_task(self.look_out(expected=name))
        while not handle.done() and not self._course.turned:
            await workflow.wait_condition(lambda: handle.done() or bool(self._course.turned) or self._to_tell())
            if self._to_tell() and not handle.done():
                await self._pass_on(handle)
        lookout.cancel()
        self._course.raise_if_turned()
        try:
            state = await handle
        except ChildWorkflowError as error:
            message = f"Temporal closed the {_NAMES[name]} without a result: {error.cause}"
            raise DrillEnded(DrillOutcome.FAILED, message) from None
        if state.procedure == Procedure.FAILOVER or state.outcome == Outcome.SUPERSEDED:
            self._course.turned = f"the {_NAMES[name]} went on as a failover ({state.outcome}: {state.message})"
        self._course.raise_if_turned()
        self._known.add(state.run)
        self.done.append(leg_of(name, state, run))
        self._tell(f"The {_NAMES[name]} ended {state.outcome}: {state.message}")
        return state

    def _to_tell(self) -> bool:
        return self._course.aborted is not self._told

    async def _pass_on(self, handle: RunHandle) -> None:
        self._told = self._course.aborted
        try:
            await handle.signal("decide", self._told)
        except ApplicationError:
            self._tell("The run had ended before it could be told")

    async def look_out(self, expected: LegName | None) -> None:
        """Look again and again who holds the runbook's id, until that ends the drill."""
        pause = _FIRST_LOOK
        while not self._course.turned and not self._course.taken_over:
            await workflow.sleep(pause)
            pause = min(pause * 1.5, _LONGEST)
            await self.look(expected)

    async def look(self, expected: LegName | None) -> None:
        """Who holds the id? `expected` is the leg that should, or nobody: then also what has ended since counts."""
        going = await run_of(self._book.name)
        if going is None or going.run in self._known:
            return
        failover = going.kind == Procedure.FAILOVER
        if expected is not None and not (failover and going.open):
            return
        if not going.open and await self._changed_nothing():
            self._known.add(going.run)
        elif failover:
            self._course.turned = f"the failover {going.run} {'is going' if going.open else 'was carried out'}"
        else:
            self._course.taken_over = going.kind

    async def _changed_nothing(self) -> bool:
        """The run that has ended moved nothing, such as a false alarm that was refused."""
        call = FollowCall(workflow_id=f"evac/{self._book.name}")
        try:
            ended = await asked("follow", call, Followed, "What did that run change?")
        except ActivityError:
            return False
        return ended.state is not None and not moved(ended.state)

    async def _given_way(self, name: LegName) -> DrillEnded:
        going = await run_of(self._book.name)
        kind = going.kind if going is not None and going.kind else "run"
        if kind == Procedure.FAILOVER:
            self._course.turned = "a failover is going already"
            return self._course.ended()
        where = "" if name != "home" else f"; it still serves from {self.done[0].target}"
        outcome = DrillOutcome.FAILED if name == "home" else DrillOutcome.REFUSED
        return DrillEnded(outcome, f"A {kind} of {self._book.name} is going already: the drill leaves it alone{where}")

    def _request(self, name: LegName, procedure: Procedure, source: str, target: str | None) -> RunInput:
        asked_by = self._in.trigger
        trigger = Trigger(
            id=str(workflow.uuid4()),
            kind="drill",
            by=asked_by.by,
            at=workflow.time(),
            reason=f"the {_NAMES[name]} of the drill {self._drill}",
            procedure=procedure,
            source=source,
            target=target,
            accept=self._in.accept,
            proof=asked_by.proof,
        )
        return RunInput(
            runbook=self._book,
            text=self._in.text,
            procedure=procedure,
            source=source,
            target=target,
            accept=self._in.accept,
            trigger=trigger,
            drill=self._drill,
            covered_by=f"the drill {self._drill}" if name == "home" else "",
        )
