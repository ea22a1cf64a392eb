import io
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from runbooks.objection import WatchDecision
from runbooks.runs import RunState, Verdict
from runbooks.watches import WatchState
from tests.triggers import samples
from tests.triggers.samples import NOON
from triggers.cli.plans import plan_view
from triggers.cli.view import run_view
from triggers.cli.watching import watch_view

GOLDEN = Path(__file__).parent / "golden"


def drawn(picture: RenderableType, width: int = 100) -> str:
    """The picture as text, without the blanks at the ends of lines."""
    console = Console(file=io.StringIO(), width=width, force_terminal=False, record=True)
    console.print(picture)
    return "\n".join(line.rstrip() for line in console.export_text().splitlines()) + "\n"


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("awaiting", samples.run()),
        ("waiting", samples.waiting_run()),
        ("refusing", samples.refusing_run()),
        ("recovered", samples.recovered_run()),
        ("approving", samples.approving_run()),
        ("moved", samples.moved_run()),
        ("taken-back", samples.taken_back_run()),
        ("beginning", samples.run(plan=None, target="", fault_at=None, phase="confirming", message="", events=())),
    ],
)
def test_each_moment_looks_as_agreed(name: str, state: RunState) -> None:
    """What an operator reads at each moment is the golden text."""
    assert (GOLDEN / f"{name}.txt").read_text() == drawn(run_view(state, NOON + 45))


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """A narrow terminal still shows every command that answers."""
    text = drawn(run_view(samples.waiting_run(), NOON + 45), width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "unproved-fence:vector-db" in text.replace("\n", "")


def test_the_bar_says_over_in_words_too() -> None:
    """Without colours a late run is still seen to be late."""
    late = drawn(run_view(samples.run(), NOON + 90))
    assert "1 min 30 s of 1 min  OVER by 30 s" in late


def test_the_newest_events_are_shown_when_there_is_no_room_for_all() -> None:
    """The bound keeps the end of the story, not its beginning."""
    state = samples.run(events=samples.events(*(f"event {n}" for n in range(50))))
    text = drawn(run_view(state, NOON + 60, events=3))
    assert [line.split("  ")[-1].split(" s ", 1)[-1] for line in text.splitlines()[-3:]] == [
        "event 47",
        "event 48",
        "event 49",
    ]


def test_trouble_is_shown_and_the_last_picture_stays() -> None:
    """When Temporal is silent, what was known last is still there."""
    text = drawn(run_view(samples.run(), NOON + 45, trouble="No news for 3.2s"))
    assert "No news for 3.2s" in text
    assert "evac approve llm-platform --plan" in text


def test_text_from_failing_systems_cannot_move_the_cursor() -> None:
    """An escape sequence or a markup tag in a message is shown as text."""
    text = drawn(run_view(samples.run(message="\x1b[2J[bold]gone\r\n[/bold]"), NOON + 45))
    assert "\x1b" not in text
    assert "[bold]gone" in text


def test_a_detector_shows_who_sees_what() -> None:
    """Every vantage point's word stands with its age, and what was decided of each region with its reasons."""
    verdicts = (
        Verdict(vantage="witness", region="us-east-1", state="unhealthy", reason="connection refused", at=NOON),
        Verdict(vantage="eu-west-1", region="us-east-1", state="unknown", reason="no worker there", at=NOON - 40),
    )
    events = samples.events("us-east-1 is unhealthy as seen from witness")
    decisions = (
        WatchDecision(at=NOON - 60, region="us-east-1", action="nothing", reasons=("1 of 2 see it down",)),
        WatchDecision(
            at=NOON, region="us-east-1", action="vetoed", reasons=("a deployment is going",), vetoes=("deploy",)
        ),
    )
    state = WatchState(
        runbook="llm-platform", verdicts=verdicts, events=events, decisions=decisions, decided=len(decisions)
    )
    picture = watch_view(state, NOON + 2)
    assert (GOLDEN / "detector.txt").read_text() == drawn(picture)


def test_a_plan_reads_as_a_list_of_sentences() -> None:
    """The approver sees the loss before the steps, what each waits for, and what cannot be undone."""
    assert (GOLDEN / "plan.txt").read_text() == drawn(plan_view(samples.plan(accepted=("unproved-fence:vector-db",))))
