import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.client import WorkflowHistory

from activities.slack.blocks import Message, foreign
from activities.slack.ids import Asked, kind_of
from activities.slack.render import run_message, summary
from activities.slack.report import report, thread_lines
from runbooks.plan import Loss, Refusal
from runbooks.runs import DecisionKind, Phase, RunState, Status, StepState
from tests.activities.slack.as_text import as_text
from tests.activities.slack.moments import MOMENTS
from tests.slack.blocks import elements_of
from tests.triggers import samples
from tests.triggers.samples import NOON

GOLDEN = Path(__file__).parent / "golden"
HISTORIES = sorted((Path(__file__).parents[2] / "histories").glob("*.json"))


def shown(state: RunState) -> str:
    """The message, and when the run has ended the report."""
    text = as_text(run_message(state, NOON + 45))
    return text if state.outcome is None else f"{text}\n--- report, in the thread ---\n{as_text(report(state))}"


def buttons(message: Message) -> list[dict[str, Any]]:
    """Every button, in its order."""
    return [element for _, element in elements_of([dict(block) for block in message.blocks])]


@pytest.mark.parametrize("name", MOMENTS)
def test_each_moment_looks_as_agreed(name: str) -> None:
    """What an operator reads in Slack at each moment is the golden text."""
    assert (GOLDEN / f"{name}.txt").read_text() == shown(MOMENTS[name])


def ends(history: WorkflowHistory) -> Iterator[RunState]:
    """How the runs of the history ended: its own, and those that it started."""
    for event in history.events:
        own = event.workflow_execution_completed_event_attributes
        child = event.child_workflow_execution_completed_event_attributes
        for payload in [*own.result.payloads, *child.result.payloads]:
            if {"rto", "source", "triggers"} <= set(json.loads(payload.data)):
                yield RunState.model_validate_json(payload.data)


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_every_recorded_end_can_be_shown(path: Path) -> None:
    """Slack would take the message and the report of each real run, with a line for each of its events."""
    for state in ends(WorkflowHistory.from_json(path.stem, path.read_text())):
        assert state.runbook in shown(state)
        assert len(thread_lines(state)) <= len(state.events)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("confirming", "abort"),
        ("awaiting-approval", "approve reject hold"),
        ("quorum-1-of-2", "approve veto hold"),
        ("refused-plan", "accept retry abort"),
        ("running", "hold abort"),
        ("held", "resume abort"),
        ("waiting-for-person", "retry accept hold abort"),
        ("undoing", "hold"),
        ("awaiting-confirmation", "confirm abort"),
        ("recovered", ""),
        ("rejected", ""),
    ],
)
def test_each_moment_has_its_buttons(name: str, kinds: str) -> None:
    """What would only be refused has no button."""
    found = buttons(run_message(MOMENTS[name], NOON + 45))
    assert [kind_of(button["action_id"]) for button in found] == [DecisionKind(kind) for kind in kinds.split()]


def test_an_approval_carries_the_plan_and_the_loss_that_it_states() -> None:
    """The door can say what the person saw."""
    state = MOMENTS["awaiting-approval"]
    asked = Asked.model_validate_json(buttons(run_message(state, NOON))[0]["value"])
    assert state.plan is not None
    assert asked == Asked(runbook=state.runbook, run=state.run, checksum=state.checksum, loss=state.plan.loss)


def test_a_button_about_a_step_names_the_step_and_what_is_accepted() -> None:
    """Two steps that wait are answered apart."""
    found = buttons(run_message(MOMENTS["waiting-for-person"], NOON + 45))
    asked = [Asked.model_validate_json(button["value"]) for button in found]
    assert [(one.step, one.accept) for one in asked] == [
        ("fence.vector-db", ""),
        ("fence.vector-db", "unproved-fence:vector-db"),
        ("", ""),
        ("", ""),
    ]


def _crowd(number: int, status: Status) -> RunState:
    """So many steps in the same state, each with a long reason."""
    step = samples.STEPS[3]
    steps = tuple(
        step.model_copy(update={"id": f"verify.{n}", "sentence": f"Verify <{n}>" * 20}) for n in range(number)
    )
    states = tuple(StepState(id=one.id, status=status, started_at=NOON, error="no & answer " * 500) for one in steps)
    losses = tuple(
        Loss(resource=f"db-{n}", region="eu-west-1", seconds=n, sentence=f"db-{n}: {'& more ' * 90}") for n in range(30)
    )
    refusals = tuple(Refusal(name=f"loss:db-{n}", sentence="<too much> " * 200) for n in range(number))
    plan = samples.plan(steps=steps, loss=losses, refusals=refusals)
    phase = Phase.WAITING_FOR_PERSON if status is Status.WAITING else Phase.PLANNING
    return samples.run(plan=plan, steps=states, phase=phase)


@pytest.mark.parametrize("number", [1, 5, 200])
@pytest.mark.parametrize("status", [Status.WAITING, Status.PENDING, Status.SKIPPED])
def test_a_crowd_of_steps_losses_and_refusals_stays_within_slacks_limits(number: int, status: Status) -> None:
    """Slack would take it, and what can be said to the run is not lost."""
    message = run_message(_crowd(number, status), NOON + 60)
    as_text(message)
    assert DecisionKind.ABORT in {kind_of(button["action_id"]) for button in buttons(message)}


def test_an_approval_of_many_losses_is_bound_to_them_by_the_checksum() -> None:
    """Slack takes 2000 characters with a button: the losses are left out rather than cut."""
    state = _crowd(3, Status.PENDING).model_copy(update={"phase": Phase.AWAITING_APPROVAL})
    asked = Asked.model_validate_json(buttons(run_message(state, NOON))[0]["value"])
    assert (asked.checksum, asked.loss) == (state.checksum, ())


@given(st.text(alphabet="<>&*_~`:@!#|abc -\n\x1b", max_size=60))
def test_other_peoples_text_cannot_format_mention_or_link(text: str) -> None:
    """Whatever a reason holds, Slack shows it as text, on one line."""
    safe = foreign(text)
    assert not set("<>*~`\n\x1b") & set(safe)
    state = samples.run(message=text, phase=Phase.RUNNING, source="a")
    as_text(run_message(state, NOON))


def test_a_mention_in_a_reason_rings_nobody() -> None:
    """`<!channel>` stays a text, and a name with underscores stays itself."""
    assert foreign("<!channel> in vector_db_1 & more") == "&lt;!channel&gt; in vector_db_1 &amp; more"
    assert not set("*:_") & set(foreign("*now* _now_ :fire").replace(":fire", ""))
    assert ":fire:" not in foreign("all is :fire:")


def test_a_telephone_shows_who_must_do_what_by_when() -> None:
    """The notification stands alone."""
    assert summary(MOMENTS["waiting-for-person"], NOON + 45) == (
        "Failover of llm-platform, us-east-1 → eu-west-1: WAITING FOR PERSON. "
        "fence.vector-db cannot go on without you. Because: neither it nor its power controller answers. "
        "Say retry fence.vector-db or accept unproved-fence:vector-db or abort. 15 s left of the RTO"
    )


def test_the_thread_leaves_out_what_another_run_has_told() -> None:
    """A run that went on from another one carries its story, which stands in that one's thread."""
    own = samples.events("a", "b", "c")
    earlier = own[0].model_copy(update={"at": NOON - 100, "text": "of the run before"})
    state = samples.run(events=(earlier, *own), started_at=NOON)
    assert [line.split("  ")[1] for line in thread_lines(state)] == ["a", "b", "c"]
