"""What a past run was given and was answered, from its history: the readings, the plans, the weighings."""

from collections.abc import Iterator
from typing import TypeVar

from pydantic import ValidationError
from temporalio.api.common.v1 import Payloads
from temporalio.client import WorkflowHistory

from runbooks.run_calls import PlanAnswer, PlanCall
from runbooks.values import Model
from runbooks.vetoes import Snapshot

ModelT = TypeVar("ModelT", bound=Model)


def plans(history: WorkflowHistory) -> list[tuple[PlanCall, PlanAnswer]]:
    """Every plan that was made: what was asked, and the answer."""
    return list(_calls(history, "plan", PlanCall, PlanAnswer))


def weighings(history: WorkflowHistory) -> list[Snapshot]:
    """Everything that the detector weighed before it acted."""
    return [asked for asked, _ in _calls(history, "weigh", Snapshot, Model)]


def argument(history: WorkflowHistory, kind: type[ModelT]) -> ModelT | None:
    """What the run was started with."""
    return _decoded(history.events[0].workflow_execution_started_event_attributes.input, kind)


AnswerT = TypeVar("AnswerT", bound=Model)


def _calls(
    history: WorkflowHistory, activity: str, asked: type[ModelT], answered: type[AnswerT]
) -> Iterator[tuple[ModelT, AnswerT]]:
    scheduled: dict[int, ModelT] = {}
    for event in history.events:
        if event.HasField("activity_task_scheduled_event_attributes"):
            call = event.activity_task_scheduled_event_attributes
            question = _decoded(call.input, asked) if call.activity_type.name == activity else None
            if question is not None:
                scheduled[event.event_id] = question
        elif event.HasField("activity_task_completed_event_attributes"):
            done = event.activity_task_completed_event_attributes
            answer = _decoded(done.result, answered) if done.scheduled_event_id in scheduled else None
            if answer is not None:
                yield scheduled[done.scheduled_event_id], answer


def _decoded(payloads: Payloads, kind: type[ModelT]) -> ModelT | None:
    try:
        return kind.model_validate_json(payloads.payloads[0].data)
    except (IndexError, ValidationError):
        return None
