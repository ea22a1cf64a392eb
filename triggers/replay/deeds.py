"""What a workflow wanted done, in words: as Temporal's history tells it, and as the code of today says it now."""

from collections.abc import Iterable
from dataclasses import dataclass

from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand


@dataclass(frozen=True)
class Deed:
    """One thing that was wanted: `words` for people. Two are the same when kind and name are."""

    kind: str
    name: str = ""
    summary: str = ""
    seq: int = 0

    def same(self, other: "Deed | None") -> bool:
        """Temporal takes them for the same."""
        return other is not None and (self.kind, self.name) == (other.kind, other.name)

    def __str__(self) -> str:
        named = f"{self.kind} {self.name}" if self.name else self.kind
        return f'{named} ("{self.summary}")' if self.summary and self.summary != self.name else named


START, TIMER, CANCEL_TIMER = "start the activity", "wait for a timer", "cancel a timer"
_CANCEL, _CHILD, _SIGNAL = "cancel the activity", "start the workflow", "signal another workflow:"
_DONE, _FAIL, _ON, _MARK, _TELL = "end the run", "fail the run", "go on as a new run", "mark", "set search attributes"


def recorded(event: HistoryEvent) -> Deed | None:  # noqa: C901 - one line for each sort of event
    """What the event says that the workflow wanted; None of an event that it did not want."""
    match event.WhichOneof("attributes"):
        case "activity_task_scheduled_event_attributes":
            kind = event.activity_task_scheduled_event_attributes.activity_type.name
            return Deed(START, kind, _text(event.user_metadata.summary.data))
        case "activity_task_cancel_requested_event_attributes":
            return Deed(_CANCEL)
        case "timer_started_event_attributes":
            return Deed(TIMER, summary=_text(event.user_metadata.summary.data))
        case "timer_canceled_event_attributes":
            return Deed(CANCEL_TIMER)
        case "start_child_workflow_execution_initiated_event_attributes":
            return Deed(_CHILD, event.start_child_workflow_execution_initiated_event_attributes.workflow_type.name)
        case "signal_external_workflow_execution_initiated_event_attributes":
            return Deed(_SIGNAL, event.signal_external_workflow_execution_initiated_event_attributes.signal_name)
        case "upsert_workflow_search_attributes_event_attributes":
            return Deed(_TELL)
        case "marker_recorded_event_attributes":
            return Deed(_MARK)
        case "workflow_execution_completed_event_attributes":
            return Deed(_DONE)
        case "workflow_execution_failed_event_attributes":
            return Deed(_FAIL)
        case "workflow_execution_continued_as_new_event_attributes":
            return Deed(_ON)
        case _:
            return None


def wanted(command: WorkflowCommand) -> Deed | None:  # noqa: C901 - one line for each sort of command
    """What the command asks for; None of one that leaves no event."""
    summary = _text(command.user_metadata.summary.data)
    match command.WhichOneof("variant"):
        case "schedule_activity":
            return Deed(START, command.schedule_activity.activity_type, summary)
        case "request_cancel_activity":
            return Deed(_CANCEL)
        case "start_timer":
            return Deed(TIMER, summary=summary, seq=command.start_timer.seq)
        case "cancel_timer":
            return Deed(CANCEL_TIMER, seq=command.cancel_timer.seq)
        case "start_child_workflow_execution":
            return Deed(_CHILD, command.start_child_workflow_execution.workflow_type)
        case "signal_external_workflow_execution":
            return Deed(_SIGNAL, command.signal_external_workflow_execution.signal_name)
        case "upsert_workflow_search_attributes":
            return Deed(_TELL)
        case "set_patch_marker":
            return Deed(_MARK)
        case "complete_workflow_execution":
            return Deed(_DONE)
        case "fail_workflow_execution":
            return Deed(_FAIL)
        case "continue_as_new_workflow_execution":
            return Deed(_ON)
        case _:
            return None


def now(commands: Iterable[WorkflowCommand]) -> list[Deed]:
    """The deeds of one turn; a timer that is begun and cancelled in it never was."""
    deeds = [deed for command in commands if (deed := wanted(command)) is not None]
    begun = {deed.seq for deed in deeds if deed.kind == TIMER}
    void = begun & {deed.seq for deed in deeds if deed.kind == CANCEL_TIMER}
    return [deed for deed in deeds if deed.seq not in void or deed.kind not in (TIMER, CANCEL_TIMER)]


def _text(data: bytes) -> str:
    return data.decode(errors="replace").strip('"')
