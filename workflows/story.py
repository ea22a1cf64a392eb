"""The run's story: one sentence after another, with its time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from runbooks.runs import RunEvent

SHOWN = 60
"""How many of the newest sentences Temporal's own page shows (its limit is 20 KB)."""


@dataclass
class Story:
    """What has happened, in order."""

    events: list[RunEvent] = field(default_factory=list)

    def tell(self, at: float, text: str, step: str = "") -> None:
        """Keep a sentence."""
        self.events.append(RunEvent(at=at, text=text, step=step))

    def markdown(self) -> str:
        """The newest sentences as a Markdown list."""
        lines = (f"- `{_clock(event.at)}` {event.text[:300]}" for event in self.events[-SHOWN:])
        return "\n".join(lines)


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, tz=UTC).strftime("%H:%M:%S.%f")[:-3]
