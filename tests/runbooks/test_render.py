"""Plans and runs in words, as an approver and an operator read them."""

import pytest

from runbooks.durations import duration
from runbooks.models import Procedure
from runbooks.plan import Loss, Plan, Refusal, Step
from runbooks.render import Part, mermaid, plan_lines, state_lines, text_of
from runbooks.reversal import point_of_no_return
from runbooks.runs import Outcome, Phase, RunEvent, RunState, Status, StepState
from runbooks.steps import StepResult, Verb


def step(step_id: str, sentence: str, *needs: str, final: bool = False) -> Step:
    """A step of a plan; its verb and settings show nowhere in the words."""
    verb = Verb(step_id.partition(".")[0])
    return Step(
        id=step_id,
        verb=verb,
        uses=step_id,
        resource="db",
        region="b",
        needs=needs,
        sentence=sentence,
        reversibility="final" if final else "compensable",
    )


def plan(*steps: Step) -> Plan:
    """A plan of those steps, with something to say in every part."""
    return Plan(
        procedure=Procedure.FAILOVER,
        runbook="shop",
        runbook_checksum="0",
        source="us-east-1",
        target="eu-west-1",
        traffic_before={"us-east-1": 70, "eu-west-1": 10, "ap-south-1": 20},
        traffic_after={"us-east-1": 0, "eu-west-1": 80, "ap-south-1": 20},
        rto=300,
        rpo=10,
        steps=steps,
        loss=(Loss(resource="db", region="b", seconds=1.5, sentence="db: up to the last 1.5 s may be missing"),),
        refusals=(
            Refusal(name="loss:db", sentence="db is 12.0 s behind"),
            Refusal(name="capacity:web", sentence="web cannot be seen"),
            Refusal(name=None, sentence="db has two writers"),
        ),
        accepted=("loss:db",),
        notes=("ap-south-1 keeps its part",),
    )


STEPS = (
    step("verify.db", "Verify db", "promote.db", "scale.web", "fence.db"),
    step("fence.db", "Fence db"),
    step("scale.web", "Scale web"),
    step("promote.db", "Promote db", "fence.db", final=True),
)


def state(**changes: object) -> RunState:
    """A run in its middle."""
    given: dict[str, object] = {
        "runbook": "shop",
        "procedure": Procedure.FAILOVER,
        "run": "r1",
        "source": "us-east-1",
        "target": "eu-west-1",
        "phase": Phase.RUNNING,
        "rto": 300.0,
        "rpo": 10.0,
        "fault_at": 1000.0,
        "triggered_at": 1003.0,
        "started_at": 1003.5,
        "plan": plan(*STEPS),
    }
    return RunState.model_validate(given | changes)


def test_a_plan_reads_from_what_moves_to_what_is_approved() -> None:
    """Everything that an approver must know, in order, with waiting told by numbers."""
    shown = plan(*STEPS)
    assert text_of(plan_lines(shown)).splitlines() == [
        "failover of shop: us-east-1 -> eu-west-1",
        "  objectives  RTO 5 min, RPO 10 s",
        "  traffic     us-east-1 70 -> 0 %, eu-west-1 10 -> 80 %, ap-south-1 stays at 20 %",
        "  loss        db: up to the last 1.5 s may be missing",
        "  accepted    db is 12.0 s behind (loss:db)",
        "  refused     web cannot be seen (to accept it: capacity:web)",
        "  refused     db has two writers (cannot be accepted: it must be mended)",
        "  note        ap-south-1 keeps its part",
        "    1. Fence db",
        "    2. Scale web",
        "    3. Promote db  [after 1]  (final)  <- point of no return",
        "    4. Verify db  [after 2, 3]",
        "  abort       until step 3 begins, an abort finds nothing to undo; after that it stops and holds",
        f"  checksum    {shown.checksum[:12]}",
    ]


def test_a_part_can_be_told_by_its_line() -> None:
    """Whoever colours the lines needs no look into their text."""
    parts = [line.part for line in plan_lines(plan(*STEPS))]
    assert parts.count(Part.STEP) == 4
    assert parts[3:8] == [Part.LOSS, Part.ACCEPTED, Part.REFUSED, Part.REFUSED, Part.NOTE]
    assert [line.final for line in plan_lines(plan(*STEPS)) if line.part is Part.STEP] == [False, False, True, False]


def test_a_plan_that_can_be_undone_has_no_point_of_no_return() -> None:
    """Nothing is marked where nothing is final."""
    reversible = plan(step("scale.web", "Scale web"))
    assert point_of_no_return(reversible) is None
    assert "no return" not in text_of(plan_lines(reversible))


def test_a_circle_is_shown_and_not_refused() -> None:
    """Showing a wrong plan must not fail: somebody has to see it."""
    wrong = plan(step("fence.db", "Fence db", "scale.web"), step("scale.web", "Scale web", "fence.db"))
    assert "1. Fence db" in text_of(plan_lines(wrong))


def test_a_run_reads_from_where_it_is_to_what_happened() -> None:
    """Header, time against the objective, each step with mark, time and reason, and the story."""
    steps = (
        StepState(id="verify.db"),
        StepState(
            id="fence.db",
            status=Status.UNCHANGED,
            started_at=1004.0,
            ended_at=1004.12,
            result=StepResult(changed=False, reason="no answer, no power controller", proved=False),
        ),
        StepState(id="scale.web", status=Status.WAITING, started_at=1004.0, ended_at=1034.0, error="agent denied it"),
        StepState(id="promote.db", status=Status.RUNNING, started_at=1004.2),
    )
    events = (RunEvent(at=1003.5, text="run started"), RunEvent(at=1072.0, text="waits\nfor a person"))
    seen = state(steps=steps, events=events, phase=Phase.WAITING_FOR_PERSON, message="sre-ai must decide", held=True)
    assert text_of(state_lines(seen, 1075.0)).splitlines() == [
        "failover of shop: us-east-1 -> eu-west-1",
        "  run         r1",
        "  waiting     waiting-for-person, on hold: sre-ai must decide",
        "  elapsed     1 min 15 s since the fault; within the RTO of 5 min (25 %)",
        "  abort       leaves everything as it is, since a promotion has begun; the way back is a failback",
        "  [=]   1. Fence db  unchanged, 120 ms: no answer, no power controller (not proved)",
        "  [!]   2. Scale web  waiting, 30 s: agent denied it",
        "  [>]   3. Promote db  running, 1 min 11 s",
        "  [ ]   4. Verify db  pending",
        "  +3.5 s       run started",
        "  +1 min 12 s  waits for a person",
    ]


def test_a_run_over_its_objective_says_by_how_much() -> None:
    """The end stops the clock; what is late is said in figures."""
    ended = state(phase=Phase.ENDED, outcome=Outcome.RECOVERED, message="all is well", ended_at=1372.0, record="/r1")
    text = text_of(state_lines(ended, 9999.0))
    assert "  outcome     recovered: all is well\n" in text
    assert "  elapsed     6 min 12 s since the fault; over the RTO of 5 min by 1 min 12 s\n" in text
    assert text.endswith("  record      /r1\n")


def test_a_run_without_plan_or_fault_counts_from_its_trigger() -> None:
    """Before the plan there is no target and no step."""
    early = state(plan=None, target="", fault_at=None, phase=Phase.CONFIRMING)
    assert [str(line) for line in state_lines(early, 1003.85)] == [
        "failover of shop: us-east-1 -> not chosen yet",
        "  run         r1",
        "  phase       confirming",
        "  elapsed     850 ms since the trigger; within the RTO of 5 min (0 %)",
    ]


def test_the_diagram_draws_each_wait_once() -> None:
    """Waits that follow from others are left out, and no text can leave its box."""
    drawn = mermaid(plan(*STEPS, step("notify.log", 'Say "done" <b>#1</b>', "verify.db")))
    assert drawn.splitlines() == [
        "flowchart TD",
        '    s1["1. Fence db"]:::plain',
        '    s2["2. Scale web"]:::plain',
        '    s3["3. Promote db"]:::point',
        '    s4["4. Verify db"]:::plain',
        '    s5["5. Say #quot;done#quot; #lt;b#gt;#35;1#lt;/b#gt;"]:::plain',
        "    s1 --> s3",
        "    s2 --> s4",
        "    s3 --> s4",
        "    s4 --> s5",
        "    classDef undone stroke-dasharray:6 3",
        "    classDef final stroke-width:3px",
        "    classDef point stroke-width:5px,stroke:#9a3412",
    ]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-1, "0 s"),
        (0, "0 s"),
        (0.0004, "0 s"),
        (0.85, "850 ms"),
        (0.9996, "1 s"),
        (4.2, "4.2 s"),
        (4, "4 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (72, "1 min 12 s"),
        (300, "5 min"),
        (7500, "2 h 5 min"),
        (86399.9, "1 d"),
        (273600, "3 d 4 h"),
    ],
)
def test_durations_read_as_people_write_them(seconds: float, expected: str) -> None:
    """Two units at most, and never `60 s`."""
    assert duration(seconds) == expected
