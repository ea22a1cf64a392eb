"""What drills, restore tests, readiness reports and evacuations have in common: a story, questions, and a record."""

from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from runbooks.models import Procedure, Runbook
    from runbooks.plan import declared_checksum
    from runbooks.reports import Going, GoingCall, ReportCall
    from runbooks.run_calls import RecordAnswer
    from runbooks.values import Model, UnixTime
    from workflows.retries import HEARTBEAT, RECORDING
    from workflows.search_attributes import EVAC_OUTCOME, EVAC_PHASE
    from workflows.sentences import sentence
    from workflows.story import Story

AnswerT = TypeVar("AnswerT", bound=Model)

_QUESTION = timedelta(seconds=10)
_LISTENS = timedelta(seconds=3)
"""A vantage point whose worker has not taken the question by then is silent."""
_TRIES = 3


async def asked(name: str, call: Model, kind: type[AnswerT], summary: str, vantage: str = "") -> AnswerT:
    """The answer of one of Evac's own activities, here or at a vantage point. Raises ActivityError."""
    here = workflow.info().task_queue
    answer: AnswerT = await workflow.execute_activity(
        name,
        call,
        result_type=kind,
        task_queue=f"{here}@{vantage}" if vantage else here,
        summary=summary,
        schedule_to_start_timeout=_LISTENS if vantage else None,
        start_to_close_timeout=_QUESTION,
        heartbeat_timeout=HEARTBEAT if vantage else None,
        retry_policy=RetryPolicy(maximum_attempts=1 if vantage else _TRIES),
    )
    return answer


async def run_of(runbook: str) -> Going | None:
    """Which run of the runbook goes, or went last; None when Temporal did not say."""
    call = GoingCall(workflow_id=f"evac/{runbook}")
    try:
        return await asked("going", call, Going, f"Which run of {runbook} goes?")
    except ActivityError:
        return None


class Composite:
    """One execution of a procedure that is no plan of its own."""

    def __init__(self) -> None:
        info = workflow.info()
        self._id = info.workflow_id
        self._run = info.run_id
        self._started_at: UnixTime = info.workflow_start_time.timestamp()
        # As a run's would be: what only looks must look like one that may act, or a newer decision would refuse it.
        self._epoch = int(self._started_at * 1000)
        self._ended_at: UnixTime | None = None
        self._story = Story()
        self._record = ""

    def tell(self, text: str) -> None:
        """Keep a sentence of the story, and show it in Temporal's own page."""
        self._story.tell(workflow.time(), text)
        workflow.set_current_details(self._story.markdown())

    def _phase_is(self, phase: str) -> None:
        workflow.upsert_search_attributes([EVAC_PHASE.value_set(phase)])

    def _outcome_is(self, outcome: str) -> None:
        self._ended_at = workflow.time()
        workflow.upsert_search_attributes([EVAC_OUTCOME.value_set(outcome)])

    async def _keep(self, procedure: Procedure, state: Model, *, passed: bool, mode: str = "", **about: str) -> None:
        """Write the record of the ended procedure; `about` is its `subject`, `text` and `runbook_checksum`."""
        call = ReportCall(
            procedure=procedure,
            workflow_id=self._id,
            run_id=self._run,
            started_at=self._started_at,
            ended_at=self._ended_at or workflow.time(),
            passed=passed,
            mode=mode,
            report=state.model_dump(mode="json", exclude={"events"}),
            events=tuple(self._story.events),
            **about,
        )
        try:
            answer: RecordAnswer = await workflow.execute_activity(
                "report",
                call,
                result_type=RecordAnswer,
                summary="Write the record",
                start_to_close_timeout=RECORDING.attempt,
                retry_policy=RECORDING.policy(),
            )
        except ActivityError as error:
            self.tell(f"The record could not be written: {sentence(error)}")
            return
        self._record = answer.location


def about(book: Runbook, text: str) -> dict[str, str]:
    """What a record says of its runbook."""
    return {"subject": book.name, "text": text, "runbook_checksum": declared_checksum(book)}
