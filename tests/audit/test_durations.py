"""What the records of past runs tell of the next one."""

from pathlib import Path

from audit.durations import past_durations
from audit.record import write
from runbooks.estimate import Past
from runbooks.runs import RunState, Status, StepState
from tests.runbooks.test_render import plan, state
from tests.runbooks.test_reversal import FENCE, SCALE, step


def ended(started_at: float, *steps: StepState) -> RunState:
    """A run of three steps that began then."""
    made = plan(SCALE, FENCE, step("verify.b", "fence.a"))
    return state(plan=made, steps=steps, started_at=started_at, run=f"run{started_at}")


def took(step_id: str, seconds: float, status: Status = Status.DONE) -> StepState:
    """A step that took so long."""
    return StepState(id=step_id, status=status, started_at=100.0, ended_at=100.0 + seconds)


def test_the_newest_records_tell_how_long_each_step_took(tmp_path: Path) -> None:
    """By the step and by its technology, newest first."""
    for number, seconds in enumerate((1.0, 2.0, 4.0)):
        write(tmp_path, ended(1000.0 * number, took("scale.b", seconds)), "", None)
    found = past_durations(tmp_path, "shop", newest=2)
    assert found == Past(steps={"scale.b": (4.0, 2.0)}, uses={"scale.postgres": (4.0, 2.0)})


def test_only_what_did_its_work_counts(tmp_path: Path) -> None:
    """A fence that was there already took no time; a verification never changes anything, and takes its time."""
    steps = (
        took("scale.b", 3.0, Status.SKIPPED),
        took("fence.a", 0.01, Status.UNCHANGED),
        took("verify.b", 0.5, Status.UNCHANGED),
        StepState(id="gone", status=Status.DONE, started_at=1.0, ended_at=2.0),
    )
    write(tmp_path, ended(1000.0, *steps), "", None)
    assert past_durations(tmp_path, "shop").steps == {"verify.b": (0.5,)}


def test_a_broken_record_tells_nothing(tmp_path: Path) -> None:
    """Neither do a half-written one, a file among the folders, and a runbook that has never run."""
    write(tmp_path, ended(1000.0, took("scale.b", 1.0)), "", None)
    for name, text in (("2", "{"), ("3", "[]"), ("4", '{"steps": [{"id": 4}]}')):
        (tmp_path / "shop" / name).mkdir()
        (tmp_path / "shop" / name / "state.json").write_text(text)
    (tmp_path / "shop" / "5").mkdir()
    (tmp_path / "shop" / "6").write_text("no folder")
    assert past_durations(tmp_path, "shop").steps == {"scale.b": (1.0,)}
    assert past_durations(tmp_path, "another") == Past()
