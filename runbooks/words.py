"""Times and other people's text, as an operator reads them. All clocks are UTC: teams span zones."""

from datetime import UTC, datetime

from runbooks.runs import RunState


def clock(at: float) -> str:
    """The time of day."""
    return datetime.fromtimestamp(at, tz=UTC).strftime("%H:%M:%SZ")


def day(at: float) -> str:
    """The date and the time."""
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def clean(text: str) -> str:
    """One line without control characters: texts come from systems that are failing."""
    return "".join(char if char.isprintable() else " " for char in text)


def route(state: RunState) -> str:
    """From where to where."""
    return f"{state.source} -> {state.target or 'not chosen yet'}"
