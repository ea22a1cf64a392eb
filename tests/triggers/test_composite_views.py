"""How drills, reports, tests and evacuations look, and which exit codes they are."""

from pathlib import Path

import pytest
from rich.console import RenderableType

from runbooks.drills import DrillOutcome
from runbooks.evacuation import EvacuationOutcome
from tests.triggers import composite_samples as samples
from tests.triggers.samples import NOON
from tests.triggers.test_view import drawn
from triggers.cli.exits import Exit
from triggers.cli.shapes import DRILL, EVACUATION, READINESS, RESTORE_TEST, Shape

GOLDEN = Path(__file__).parent / "golden"
MOMENTS = [
    ("soaking", DRILL, samples.soaking_drill()),
    ("drilled", DRILL, samples.failed_drill()),
    ("readiness", READINESS, samples.readiness()),
    ("restored", RESTORE_TEST, samples.restore_test()),
    ("evacuating", EVACUATION, samples.evacuation()),
]


@pytest.mark.parametrize(("name", "shape", "state"), MOMENTS)
def test_each_looks_as_agreed(name: str, shape: Shape[object], state: object) -> None:
    """What an operator reads is the golden text."""
    picture: RenderableType = shape.view(state, NOON + 45)
    assert (GOLDEN / f"{name}.txt").read_text() == drawn(picture)


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize(("name", "shape", "state"), MOMENTS)
def test_no_line_is_wider_than_the_terminal(name: str, shape: Shape[object], state: object, width: int) -> None:
    """A narrow terminal folds, and cuts nothing off that answers."""
    text = drawn(shape.view(state, NOON + 45), width)
    assert max(len(line) for line in text.splitlines()) <= width, name
    assert all(command in " ".join(text.split()) for command in shape.answers(state)) or width == 40


def test_only_a_good_verdict_is_zero() -> None:
    """Scripts and schedules depend on it."""
    drill = samples.failed_drill()
    codes = {outcome: DRILL.code(drill.model_copy(update={"outcome": outcome})) for outcome in DrillOutcome}
    assert {outcome for outcome, code in codes.items() if code is Exit.DONE} == {DrillOutcome.PASSED}
    assert codes[DrillOutcome.REFUSED] is Exit.REFUSED
    assert DRILL.code(samples.soaking_drill()) is Exit.TIMED_OUT
    assert READINESS.code(samples.readiness()) is Exit.FAILED
    assert RESTORE_TEST.code(samples.restore_test()) is Exit.FAILED
    assert EVACUATION.code(samples.evacuation()) is Exit.WAITING
    out = samples.evacuation().model_copy(update={"outcome": EvacuationOutcome.EVACUATED})
    assert EVACUATION.code(out) is Exit.DONE


def test_a_log_of_a_report_says_the_worst_first() -> None:
    """Who reads only the beginning reads what is wrong."""
    lines = READINESS.lines(samples.readiness())
    assert [line.split()[0] for line in lines] == ["bad", "warn", "ok"]


def test_the_end_of_a_drill_is_measured_against_the_objective() -> None:
    """One line: outcome, recovery, and how long writes were stopped."""
    assert DRILL.closing(samples.failed_drill()) == (
        "failed: The drill did not pass [recovered in 4.2 s of 1 min, without writes for 1.4 s]"
    )
