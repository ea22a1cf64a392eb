"""What is made of other runs, as this command line shows it: drills, readiness reports, restore tests, evacuations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic

from rich.console import RenderableType

from runbooks.drills import DrillState
from runbooks.evacuation import EvacuateState
from runbooks.readiness import ReadinessState
from runbooks.restoring import RestoreTestState
from triggers.cli import drill_view, evacuation_view, readiness_view
from triggers.cli.exits import Exit
from triggers.cli.frame import event_lines
from triggers.look import StateT


@dataclass(frozen=True)
class Shape(Generic[StateT]):
    """How one kind of workflow is shown. `key` names it in JSON documents, `words` in sentences."""

    key: str
    words: str
    state: type[StateT]
    view: Callable[[StateT, float], RenderableType]
    closing: Callable[[StateT], str]
    code: Callable[[StateT], Exit]
    answers: Callable[[StateT], tuple[str, ...]] = lambda _state: ()
    findings: Callable[[StateT], list[str]] = lambda _state: []
    """What a log says instead of the story, where that would say the same."""

    def lines(self, state: StateT) -> list[str]:
        """The story, or the findings, as logs and pipes take them."""
        told: Any = state
        return self.findings(state) or event_lines(told.events, told.started_at)

    def ended(self, state: StateT) -> bool:
        """It has ended."""
        told: Any = state
        return told.ended_at is not None


DRILL = Shape("drill", "drill", DrillState, drill_view.view, drill_view.closing, drill_view.code)
READINESS = Shape(
    "readiness",
    "readiness report",
    ReadinessState,
    readiness_view.readiness_view,
    readiness_view.readiness_closing,
    readiness_view.readiness_code,
    findings=readiness_view.readiness_lines,
)
RESTORE_TEST = Shape(
    "restore_test",
    "restore test",
    RestoreTestState,
    readiness_view.restore_view,
    readiness_view.restore_closing,
    readiness_view.restore_code,
)
EVACUATION = Shape(
    "evacuation",
    "evacuation",
    EvacuateState,
    evacuation_view.view,
    evacuation_view.closing,
    evacuation_view.code,
    answers=evacuation_view.answers,
)

BY_TYPE: dict[str, Shape[Any]] = {
    "drill": DRILL,
    "readiness": READINESS,
    "restore-test": RESTORE_TEST,
    "evacuate": EVACUATION,
}
"""By the type of their workflow."""
