"""One runbook of an evacuation: its failover is started, or joined when one is going, and followed to its end."""

from datetime import timedelta
from typing import Protocol

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    WorkflowAlreadyStartedError,
)

with workflow.unsafe.imports_passed_through():
    from runbooks.evacuation import Book, EvacuateInput, Fate, why_nothing
    from runbooks.probes import observations
    from runbooks.reports import FollowCall, Followed
    from runbooks.runs import RunInput, RunState, Trigger
    from workflows.child_run import start
    from workflows.observing import observed
    from workflows.retries import HEARTBEAT
    from workflows.sentences import sentence

_TURNS = 5
"""How often it is begun anew when the run that was joined had left another region, or had just ended."""
_UNTIL_GONE = 1.0
_FOLLOWED = timedelta(days=7)


class Setter(Protocol):
    """Takes what has changed of the runbook's state."""

    def __call__(self, **changes: object) -> None:
        """Keep the changes."""


class Whole(Protocol):
    """The evacuation that it is a part of."""

    def tell(self, text: str) -> None:
        """Keep a sentence."""

    async def pace(self) -> None:
        """Wait for one's turn to start a run."""


class Moving:
    """The move of one runbook."""

    def __init__(self, request: EvacuateInput, book: Book, whole: Whole, change: Setter) -> None:
        self._in = request
        self._book = book.runbook
        self._text = book.text
        self._whole = whole
        self._change = change

    async def to_its_end(self) -> None:
        """Skip it, or move it. Never raises: what went wrong is in its sentence."""
        for turn in range(_TURNS):
            if turn:
                await workflow.sleep(_UNTIL_GONE)
            why = await self._nothing_to_do()
            if why is not None:
                self._change(fate=Fate.SKIPPED, sentence=why, ended_at=workflow.time())
                self._whole.tell(f"Skipped {self._book.name}: {why}")
                return
            if await self._turn():
                return
        self._ended(None, "Other runs held it again and again: start its failover by hand")

    async def _nothing_to_do(self) -> str | None:
        """Only servers outside the region are asked: those inside may be dead, and silence takes time."""
        outside = [probe for probe in observations(self._book) if probe.region != self._in.region]
        readings = await observed(outside, self._book.name)
        return why_nothing(self._book, self._in.region, readings, workflow.time())

    async def _turn(self) -> bool:
        """Start or join its run, and follow it. False: that run was another one, or had just ended."""
        await self._whole.pace()
        trigger = Trigger(
            id=str(workflow.uuid4()),
            kind="evacuation",
            by=self._in.trigger.by,
            at=workflow.time(),
            reason=f"the evacuation of {self._in.region}",
            source=self._in.region,
            accept=self._in.accept,
            force=self._in.force,
            proof=self._in.trigger.proof,
        )
        request = RunInput(
            runbook=self._book,
            text=self._text,
            source=self._in.region,
            accept=self._in.accept,
            force=self._in.force,
            trigger=trigger,
        )
        try:
            handle = await start(request)
        except WorkflowAlreadyStartedError:
            return await self._join(trigger)
        self._change(fate=Fate.GOING, run=handle.first_execution_run_id or "", started_at=workflow.time())
        self._whole.tell(f"Started the failover of {self._book.name}")
        try:
            self._ended(await handle, "")
        except ChildWorkflowError as error:
            self._ended(None, f"Temporal closed it without a result: {error.cause}")
        return True

    async def _join(self, trigger: Trigger) -> bool:
        name = f"evac/{self._book.name}"
        try:
            await workflow.get_external_workflow_handle(name).signal("trigger", trigger)
        except ApplicationError:
            return False
        self._change(fate=Fate.JOINED, started_at=workflow.time())
        self._whole.tell(f"Joined the run of {self._book.name} that is going")
        try:
            followed: Followed = await workflow.execute_activity(
                "follow",
                FollowCall(workflow_id=name),
                result_type=Followed,
                summary=f"Wait for the end of {name}",
                start_to_close_timeout=_FOLLOWED,
                heartbeat_timeout=HEARTBEAT,
                retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=10)),
            )
        except ActivityError as error:
            followed = Followed(sentence=f"It could not be followed: {sentence(error)}")
        if followed.state is not None and followed.state.source != self._in.region:
            return False  # it has left another region: whatever is still here must be moved, too
        self._ended(followed.state, followed.sentence)
        return True

    def _ended(self, state: RunState | None, why: str) -> None:
        outcome = None if state is None else state.outcome
        said = why if state is None else state.message
        self._change(
            fate=Fate.ENDED,
            outcome=outcome,
            sentence=said,
            target="" if state is None else state.target,
            record="" if state is None else state.record,
            ended_at=workflow.time(),
        )
        self._whole.tell(f"{self._book.name} ended {outcome or 'without an outcome'}: {said}")
