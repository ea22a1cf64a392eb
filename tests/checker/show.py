"""One run being played: its activities act on the model, and at each border happens what the script says."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from runbooks.models import Procedure, Runbook
from runbooks.reports import FollowCall, Followed, Going, GoingCall, PublicCall, ReportCall
from runbooks.run_calls import GateAnswer, GateCall, PlanCall, RecordAnswer, RecordCall, WritersCall
from runbooks.runs import Decision, RunState
from runbooks.steps import ErrorType, StepCall
from runbooks.watches import WatchCall
from tests.checker.fakes import Fakes, failure
from tests.checker.happenings import happen
from tests.checker.people import People
from tests.checker.script import CALLS, Border, Case
from tests.checker.world import World
from workflows.single_writer import VANTAGES

_TYPES: dict[str, type[Any]] = {
    "plan": PlanCall,
    "record": RecordCall,
    "gate": GateCall,
    "writers": WritersCall,
    "look": WatchCall,
    "watch": WatchCall,
    "going": GoingCall,
    "follow": FollowCall,
    "public": PublicCall,
    "report": ReportCall,
}
_SLOW = 2.0
_BEYOND = 0.05
_FAREWELLS = 8
"""So often a run that has kept its record is looked at, until it is over."""

Sleep = Callable[[float], Awaitable[None]]


@dataclass
class Show:
    """The state of one run's play."""

    case: Case
    book: Runbook
    world: World
    fakes: Fakes
    sleep: Sleep
    """Lets that much of the server's time pass, and holds no other run up."""
    crash: Callable[[], Awaitable[None]]
    pause: float = 0.1
    """Real seconds in which the workflow has surely been carried on."""
    handle: WorkflowHandle[Any, Any] | None = None
    """The procedure's own workflow."""
    run: WorkflowHandle[Any, RunState] | None = None
    """The run of a plan that people talk to: the same, or a drill's leg."""
    records: dict[str, RunState] = field(default_factory=dict)
    """Every run of a plan that has ended, as it was recorded, by its run id."""
    borders: list[Border] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    over: bool = False
    silent_until: float = 0.0
    triggers: list[str] = field(default_factory=list)
    people: People = field(init=False)

    def __post_init__(self) -> None:
        self.people = People(self.book, self.send)

    async def perform(self, queue: str, arguments: Sequence[RawValue]) -> Any:
        """One execution of one activity, from its start to its end."""
        info = activity.info()
        name = info.activity_type
        call = activity.payload_converter().from_payload(arguments[0].payload, _TYPES.get(name, StepCall))
        key = _key(name, call)
        self.counts[key] += 1
        nth = self.counts[key]
        self.world.now = info.started_time.timestamp()
        mine = info.task_queue == queue
        limit = info.heartbeat_timeout or info.start_to_close_timeout or timedelta(seconds=3)

        def effect() -> Any:
            return self._effect(name, call)

        await self._at(Border(key, nth, "start"), limit, effect, mine=mine)
        result = await self._asked_of_temporal(name, call) if name in ("going", "follow") else effect()
        await self._at(Border(key, nth, "end"), limit, effect, mine=mine)
        if name.startswith("notify."):
            await self.hear()
        await self._hushed()
        if isinstance(call, WatchCall | WritersCall):
            await self._in_turn(name, nth)
        return result

    def hush(self) -> None:
        """Something comes that may make the run cancel what it waits for: no answer is given for a moment.

        This server takes a cancellation that crosses with an answer for a mistake, and the workflow's task is lost.
        """
        self.silent_until = asyncio.get_running_loop().time() + self.pause

    async def _hushed(self) -> None:
        while (left := self.silent_until - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(left)

    async def _in_turn(self, name: str, nth: int) -> None:
        """Once enough vantage points have answered, the workflow cancels the others: those are a little slower."""
        needed = self.book.quorum_for(self.world.source) if name == "look" else VANTAGES
        self.counts[f"{name}#{nth}"] += 1
        if self.counts[f"{name}#{nth}"] > needed:
            await asyncio.sleep(self.pause)
        elif name == "look" and self.world.seen_up(self.world.source):
            self.hush()  # the run is about to end, whatever it still looks at

    @property
    def procedure(self) -> Procedure:
        """What is played."""
        return Procedure(self.case.procedure)

    async def _asked_of_temporal(self, name: str, call: Any) -> Any:
        """What an activity asks of the server itself."""
        run = activity.client().get_workflow_handle(call.workflow_id, result_type=RunState)
        if name == "follow":
            return Followed(state=await run.result())
        try:
            seen = await run.describe()
        except RPCError:
            return Going()
        going = Going(open=seen.status is WorkflowExecutionStatus.RUNNING, kind=seen.workflow_type, run=seen.run_id)
        if going.open and seen.run_id in self.records:
            await self._farewell(run)
        return going

    async def _farewell(self, run: WorkflowHandle[Any, Any]) -> None:
        """A run that has kept its record ends at once, and who follows it cancels what still asks after it.

        The answer waits for both (see `hush`), but not for ever: a run may be held up on its last steps.
        """
        for _ in range(_FAREWELLS):
            await asyncio.sleep(self.pause)
            if (await run.describe()).status is not WorkflowExecutionStatus.RUNNING:
                break
        await asyncio.sleep(self.pause)

    def _effect(self, name: str, call: Any) -> Any:
        """What the activity does to the model, with clients who write before and after it."""
        self.world.tick()
        try:
            return self._answer(name, call)
        except ApplicationError:
            raise
        except Exception as error:
            self.world.find("model", f"the model broke at {name}: {error!r}")
            raise
        finally:
            self.world.tick()
            self.world.look_for_two_writers()

    def _answer(self, name: str, call: Any) -> Any:
        match name:
            case "plan":
                return self.fakes.plan(call)
            case "record":
                self.records[call.run_id] = call.state
                return RecordAnswer(location=f"/records/{call.run_id}")
            case "report":
                return RecordAnswer(location=f"/records/{call.run_id}")
            case "public":
                return self.fakes.public(call)
            case "gate":
                return GateAnswer(kill_switch=self.world.kill_switch)
            case "writers":
                return self.fakes.writers(call)
            case "look" | "watch":
                return self.fakes.verdicts(call)
            case _:
                return self.fakes.perform(name, call)

    async def _at(self, border: Border, limit: timedelta, effect: Callable[[], Any], *, mine: bool) -> None:
        self.borders.append(border)
        for disturbance in self.case.disturbances:
            if disturbance.at != border:
                continue
            if disturbance.kind in CALLS:
                await self._disturb(disturbance.kind, limit, effect, mine=mine)
            else:
                await happen(self, disturbance.kind)

    async def _disturb(self, kind: str, limit: timedelta, effect: Callable[[], Any], *, mine: bool) -> None:
        match kind:
            case "fail":
                raise failure(ErrorType.UNREACHABLE, "the answer is lost")
            case "fail-final":
                raise failure(ErrorType.WRONG_STATE, "it is not as the plan has it")
            case "slow":
                await self.sleep(_SLOW)
            case "hang":
                await self.sleep(limit.total_seconds() + _BEYOND)
                activity.raise_complete_async()
            case "twice":
                await self.sleep(limit.total_seconds() + 10 * _BEYOND)
                if not self.over:
                    effect()
                activity.raise_complete_async()
            case "crash":
                crashing = asyncio.create_task(self.crash())
                if mine:
                    await asyncio.Event().wait()  # until the worker dies, and this with it
                await crashing

    async def send(self, decision: Decision) -> bool:
        """Hand a decision to the run; False when it has ended already."""
        return await self.signal("decide", decision)

    async def signal(self, name: str, value: Any) -> bool:
        """Signal the run; False when it has ended already."""
        assert self.run is not None
        self.hush()
        await asyncio.sleep(self.pause / 2)  # what was answered a moment ago is to be taken before
        self.hush()
        try:
            await self.run.signal(name, value)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True

    async def hear(self, *, strict: bool = False) -> bool:
        """People look at the run, and answer what it waits for."""
        state = await self.state(strict=strict)
        if state is None:
            return False
        if state.outcome is not None:
            return False
        self._must_be_told(state)
        if self.world.kill_switch is not None and self.world.kill_switch in f"{state.message} {state.steps}":
            self.world.kill_switch = None
            return True
        return await self.people.hear(state)

    def stranger_is_refused(self) -> bool:
        """The policy names who may approve."""
        return bool(self.book.policy.of(self.procedure).approval.by)

    async def state(self, *, strict: bool = False) -> RunState | None:
        """The run as it stands; None when it cannot be asked just now. `strict`: silence means a broken server."""
        assert self.run is not None
        try:
            state: RunState = await self.run.query("state", result_type=RunState, rpc_timeout=timedelta(seconds=5))
        except RPCError as error:
            if strict and error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return None
        return state

    def _must_be_told(self, state: RunState) -> None:
        """Whoever is waited for is told so."""
        waiting = [step for step in state.steps if step.status == "waiting"]
        silent = [step.id for step in waiting if not step.error]
        if silent or not state.message:
            self.world.find("silence", f"it waits ({state.phase}) and says nothing of {silent or 'itself'}")


def _key(name: str, call: Any) -> str:
    if isinstance(call, StepCall):
        twin = name.removeprefix(call.uses)
        if name.startswith("notify."):
            return name
        return f"{call.step}.check" if name.endswith(".check") else f"{call.step}{twin}"
    return f"{name}.{call.vantage}" if isinstance(call, WatchCall | WritersCall | PublicCall) else name
